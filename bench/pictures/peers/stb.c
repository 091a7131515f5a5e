// Decodes photos as stb_image does, and turns them. Each line of the standard input
// is an EXIF orientation and a file; the answer is how long it took in ns, by the
// clock and by the processor, and by how many kB the process's largest size grew.
// There is no hash, as there is none in stb_image: that much less is timed.

#define STB_IMAGE_IMPLEMENTATION
#define STBI_ONLY_JPEG
#include <stb/stb_image.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static long long now(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

// largest reads what getrusage would go on counting from who started us.
static long largest(void) {
    char line[256];
    long kilobytes = 0;
    FILE *status = fopen("/proc/self/status", "r");
    while (status != NULL && fgets(line, sizeof line, status) != NULL) {
        sscanf(line, "VmHWM: %ld", &kilobytes);
    }
    fclose(status);
    return kilobytes;
}

// turn makes an upright picture, in tiles, so that the caches hold both sides.
static unsigned char *turn(const unsigned char *rgb, long w, long h, int orientation) {
    long start = 0, across = 1, down = w;
    switch (orientation) {
    case 2: start = w - 1, across = -1, down = w; break;
    case 3: start = w * h - 1, across = -1, down = -w; break;
    case 4: start = w * (h - 1), across = 1, down = -w; break;
    case 5: start = 0, across = h, down = 1; break;
    case 6: start = h - 1, across = h, down = -1; break;
    case 7: start = w * h - 1, across = -h, down = -1; break;
    case 8: start = h * (w - 1), across = -h, down = 1; break;
    }
    unsigned char *turned = malloc(3 * w * h);
    const long tile = 32;
    for (long top = 0; top < h; top += tile) {
        for (long left = 0; left < w; left += tile) {
            for (long y = top; y < top + tile && y < h; y++) {
                for (long x = left; x < left + tile && x < w; x++) {
                    memcpy(turned + 3 * (start + x * across + y * down), rgb + 3 * (y * w + x), 3);
                }
            }
        }
    }
    return turned;
}

int main(void) {
    char line[4096];
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = 0;
        int orientation = atoi(line);
        FILE *file = fopen(strchr(line, ' ') + 1, "rb");
        if (file == NULL) {
            perror(line);
            return 1;
        }
        fseek(file, 0, SEEK_END);
        long size = ftell(file);
        rewind(file);
        unsigned char *data = malloc(size);
        if (fread(data, 1, size, file) != (size_t) size) {
            perror(line);
            return 1;
        }
        fclose(file);

        long before = largest();
        long long clock = now(CLOCK_MONOTONIC), processor = now(CLOCK_PROCESS_CPUTIME_ID);
        int w, h, n;
        unsigned char *rgb = stbi_load_from_memory(data, size, &w, &h, &n, 3);
        if (rgb == NULL) {
            fprintf(stderr, "%s: %s\n", line, stbi_failure_reason());
            return 1;
        }
        if (orientation > 1) {
            unsigned char *turned = turn(rgb, w, h, orientation);
            stbi_image_free(rgb);
            rgb = turned;
        }
        clock = now(CLOCK_MONOTONIC) - clock, processor = now(CLOCK_PROCESS_CPUTIME_ID) - processor;
        printf("%lld %lld %ld -\n", clock, processor, largest() - before);
        fflush(stdout);
        free(rgb);
        free(data);
    }
    return 0;
}
