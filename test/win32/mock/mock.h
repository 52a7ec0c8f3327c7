/* What the stand-ins for Windows' DLLs share: files under C:\mock say what Windows answers, and which calls fail. */
#ifndef MOCK_H
#define MOCK_H
#define WIN32_LEAN_AND_MEAN
#define _WIN32_WINNT 0x0A00
#include <windows.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOCK_PATH_MAX 1024

/* The whole file with a zero behind it; NULL where there is none. Retried: a test may be replacing it. */
static char *read_file(const char *path)
{
    for (int attempt = 0; attempt < 3; attempt++) {
        HANDLE file = CreateFileA(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                                  OPEN_EXISTING, 0, NULL);
        if (file == INVALID_HANDLE_VALUE) {
            if (GetLastError() == ERROR_FILE_NOT_FOUND || GetLastError() == ERROR_PATH_NOT_FOUND) return NULL;
            Sleep(5);
            continue;
        }
        DWORD size = GetFileSize(file, NULL), got = 0;
        char *text = malloc(size + 1);
        ReadFile(file, text, size, &got, NULL);
        CloseHandle(file);
        text[got] = 0;
        return text;
    }
    return NULL;
}

static WCHAR *wide(const char *utf8)
{
    int length = MultiByteToWideChar(CP_UTF8, 0, utf8, -1, NULL, 0);
    WCHAR *text = malloc(length * sizeof(WCHAR));
    MultiByteToWideChar(CP_UTF8, 0, utf8, -1, text, length);
    return text;
}

static void narrow(const WCHAR *text, char *utf8, int size)
{
    if (!text || !WideCharToMultiByte(CP_UTF8, 0, text, -1, utf8, size, NULL, NULL)) utf8[0] = 0;
}

/* What was called, for the tests to look at. */
static void note(const char *format, ...)
{
    char line[4096];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    FILE *file = fopen("C:\\mock\\calls.log", "ab");
    if (!file) return;
    fprintf(file, "%s\n", line);
    fclose(file);
}

/* Lines of C:\mock\faults: `id call subject code times [above]`. A line counts in each process anew, by its id; subject `*`
 * is any; code `hang` never comes back, `slow` takes 1.5 seconds and goes on; with `above` it fails only while more than so many are asked for. */
static DWORD fault(const char *call, const char *subject, DWORD asked)
{
    static struct { char id[32]; int used; } seen[64];
    static int count;
    char *text = read_file("C:\\mock\\faults");
    DWORD code = 0;
    if (!text) return 0;
    for (char *line = strtok(text, "\r\n"); line && !code; line = strtok(NULL, "\r\n")) {
        char id[32], name[64], about[128], what[32];
        int times = 0, above = 0;
        char *at = line, quoted[512];
        /* Channels have spaces in their names: written with underscores. */
        snprintf(quoted, sizeof quoted, "%s", at);
        if (sscanf(quoted, "%31s %63s %127s %31s %d %d", id, name, about, what, &times, &above) < 5) continue;
        for (char *it = about; *it; it++) if (*it == '_') *it = ' ';
        if (strcmp(name, call) || (strcmp(about, "*") && strcmp(about, subject))) continue;
        if (above && asked <= (DWORD)above) continue;
        int i = 0;
        while (i < count && strcmp(seen[i].id, id)) i++;
        if (i == count && count < 64) {
            strcpy(seen[i].id, id);
            seen[i].used = 0;
            count++;
        }
        if (seen[i].used >= times) continue;
        seen[i].used++;
        note("fault %s %s %s %lu", call, subject, what, asked);
        if (!strcmp(what, "hang")) { free(text); Sleep(INFINITE); }
        if (!strcmp(what, "slow")) Sleep(1500);
        code = strtoul(what, NULL, 0);
    }
    free(text);
    return code;
}
#endif
