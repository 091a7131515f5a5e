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

// Thumbnails are files beside the pictures, by the same names, with an ending. Whoever
// shows pictures makes them; they go with their pictures, and can be made again.

// thumbnailFile is where the thumbnail of a picture is, whose digest was checked.
func (s *Store) thumbnailFile(sha256 string) string {
	return filepath.Join(s.dir, "thumbnails", sha256[:2], sha256+".jpg")
}

// Thumbnail reads the thumbnail of a picture, ErrNotFound if none was made.
func (s *Store) Thumbnail(sha256 string) ([]byte, error) {
	if _, err := s.pictureFile(sha256); err != nil {
		return nil, err
	}
	data, err := os.ReadFile(s.thumbnailFile(sha256))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("a thumbnail of this picture: %w", ErrNotFound)
	}
	return data, failure("reading a picture of a conversation", err)
}

// SaveThumbnail keeps a JPEG as the thumbnail of a picture. Of one that is not kept, or was
// removed meanwhile, it keeps nothing.
func (s *Store) SaveThumbnail(ctx context.Context, sha256 string, jpeg []byte) error {
	if _, err := s.pictureFile(sha256); err != nil {
		return err
	}
	return s.change(ctx, "keeping a thumbnail", func(tx *sql.Tx) error {
		var there bool
		err := tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM pictures WHERE sha256=?)", sha256).Scan(&there)
		if err != nil || !there {
			return err
		}
		return writeWhole(s.thumbnailFile(sha256), jpeg)
	})
}
