package sessions

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Pictures are files named by their SHA-256, in folders by its first two letters. A file
// is touched only by who has the database's turn to write, so that one that is about to
// be referred to is not removed.

// pictureFile is where a picture's bytes are. The digest has to be one.
func (s *Store) pictureFile(sha256 string) (string, error) {
	if !isDigest(sha256) {
		return "", fmt.Errorf("%q names no picture", sha256)
	}
	return filepath.Join(s.dir, "pictures", sha256[:2], sha256), nil
}

// keep makes sure that a picture's bytes are on the disk and known to the database.
func (s *Store) keep(ctx context.Context, tx *sql.Tx, p *Picture) error {
	path, err := s.pictureFile(p.SHA256)
	if err != nil {
		return err
	}
	var size int64
	info, missing := os.Stat(path)
	if missing == nil {
		size = info.Size()
	}
	if missing != nil && p.Bytes != nil {
		data, err := p.Bytes()
		if err != nil {
			return fmt.Errorf("keeping the picture %s: %w", p.Source, err)
		}
		if err := writeWhole(path, data); err != nil {
			return fmt.Errorf("keeping the picture %s: %w", p.Source, err)
		}
		size = int64(len(data))
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO pictures (sha256, bytes) VALUES (?, ?)
		ON CONFLICT DO UPDATE SET bytes=excluded.bytes WHERE bytes=0`, p.SHA256, size) // what was lost may have come back
	return err
}

// writeWhole writes a file so that it is there with all its bytes or not at all.
func writeWhole(path string, data []byte) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".new-*") // its mode is 0600
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
		return err
	}
	syncDir(dir)
	return nil
}

// Bytes reads what was kept of a picture. One whose file is gone is ErrNotFound.
func (s *Store) Bytes(sha256 string) ([]byte, error) {
	path, err := s.pictureFile(sha256)
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the file of this picture: %w", ErrNotFound)
	}
	return data, failure("reading a picture of a conversation", err)
}

// sweep removes the files of pictures that nothing refers to any more, and returns which
// these are.
func (s *Store) sweep(ctx context.Context, candidates []string) (gone []string, err error) {
	err = s.change(ctx, "removing pictures", func(tx *sql.Tx) error {
		for _, sha256 := range candidates {
			var used bool
			if err := tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM parts WHERE picture=?1 UNION ALL SELECT 1 FROM needed WHERE picture=?1)", sha256).Scan(&used); err != nil {
				return err
			}
			path, err := s.pictureFile(sha256)
			if used || err != nil {
				continue
			}
			if _, err := tx.ExecContext(ctx, "DELETE FROM pictures WHERE sha256=?", sha256); err != nil {
				return err
			}
			for _, file := range []string{path, s.thumbnailFile(sha256)} {
				if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
					return err
				}
			}
			gone = append(gone, sha256)
		}
		return nil
	})
	return gone, err
}
