// What loading a llama.cpp runtime takes without us: a program that does what
// 'vlmchat worker' does when it tries one (engine/llamacpp/library.go and
// engine/native/try.go), with the same files, in the same order, with the same
// flags, and prints the same of each device.

#include <dlfcn.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

static void *library(const char *path) {
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        exit(1);
    }
    return handle;
}

static void *function(void *handle, const char *name) {
    void *address = dlsym(handle, name);
    if (address == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        exit(1);
    }
    return address;
}

static void say_nothing(int level, const char *text, void *user_data) {
    (void) level, (void) text, (void) user_data;
}

typedef void (*log_set)(void (*)(int, const char *, void *), void *);

int main(int argc, char **argv) {
    if (argc != 6) {
        fprintf(stderr, "usage: load LIBGGML-BASE LIBGGML LIBLLAMA LIBMTMD BACKENDS\n");
        return 2;
    }
    void *base = library(argv[1]), *ggml = library(argv[2]), *llama = library(argv[3]), *mtmd = library(argv[4]);

    ((log_set) function(base, "ggml_log_set"))(say_nothing, NULL);
    ((log_set) function(llama, "llama_log_set"))(say_nothing, NULL);
    log_set mtmd_log_set = (log_set) dlsym(mtmd, "mtmd_log_set"); // not in old builds
    if (mtmd_log_set != NULL) {
        mtmd_log_set(say_nothing, NULL);
    }
    setenv("GGML_NO_BACKTRACE", "1", 1);
    ((void (*)(void)) function(llama, "llama_backend_init"))();
    size_t (*count)(void) = (size_t (*)(void)) function(ggml, "ggml_backend_dev_count");
    if (count() == 0) {
        ((void (*)(const char *)) function(ggml, "ggml_backend_load_all_from_path"))(argv[5]);
    }

    void *(*get)(size_t) = (void *(*)(size_t)) function(ggml, "ggml_backend_dev_get");
    const char *(*name)(void *) = (const char *(*)(void *)) function(base, "ggml_backend_dev_name");
    const char *(*description)(void *) = (const char *(*)(void *)) function(base, "ggml_backend_dev_description");
    void (*memory)(void *, size_t *, size_t *) = (void (*)(void *, size_t *, size_t *)) function(base, "ggml_backend_dev_memory");
    for (size_t i = 0; i < count(); i++) {
        void *device = get(i);
        size_t free = 0, total = 0;
        memory(device, &free, &total);
        printf("%s\t%s\t%zu\n", name(device), description(device), total);
    }
    return 0;
}
