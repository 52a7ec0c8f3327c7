/* Stands for wevtapi.dll. A log is a file of lines `<record>\t<event XML>`; what it does follows the documentation of
 * winevt.h, whose declarations it is compiled against, so that a wrong type in the caller shows. */
#include "mock.h"
#include <winevt.h>

typedef struct { unsigned long long id; const char *xml; } Record;
typedef struct { char *text; Record *records; int count; } Log;

typedef struct {
    int kind; /* 's'ubscription, 'e'vent, 'b'ookmark, 'l'og, 'c'onfig, 'r'emote session */
    char channel[256], server[256], query[2048];
    unsigned long long record;
    char *xml;
    HANDLE signal, stop, thread;
    /* Delivered to the subscription and not taken yet: EvtNext may be called. */
    volatile LONG delivered;
} Object;

static Object *make(int kind, const char *channel, const char *server)
{
    Object *it = calloc(1, sizeof *it);
    it->kind = kind;
    snprintf(it->channel, sizeof it->channel, "%s", channel);
    snprintf(it->server, sizeof it->server, "%s", server);
    return it;
}

static const char *server_of(EVT_HANDLE session) { return session ? ((Object *)session)->server : ""; }

static void path_of(char *path, const char *server, const char *channel)
{
    if (*server) snprintf(path, MOCK_PATH_MAX, "C:\\mock\\remote\\%s\\%s.log", server, channel);
    else snprintf(path, MOCK_PATH_MAX, "C:\\mock\\logs\\%s.log", channel);
}

static int load(Log *log, const char *server, const char *channel)
{
    char path[MOCK_PATH_MAX];
    path_of(path, server, channel);
    memset(log, 0, sizeof *log);
    if (!(log->text = read_file(path))) return 0;
    int room = 0;
    for (char *line = log->text; *line;) {
        char *end = strchr(line, '\n');
        /* A line that is still being written. */
        if (!end) break;
        *end = 0;
        char *tab = strchr(line, '\t');
        if (tab) {
            if (log->count == room) log->records = realloc(log->records, (room = room ? room * 2 : 256) * sizeof(Record));
            log->records[log->count].id = strtoull(line, NULL, 10);
            log->records[log->count++].xml = tab + 1;
        }
        line = end + 1;
    }
    return 1;
}

static void unload(Log *log) { free(log->text); free(log->records); }

/* The two filters that the agent writes: names of providers, an age. */
static int matches(const char *query, const char *xml)
{
    if (strstr(query, "Provider[")) {
        const char *at = strstr(xml, "<Provider "), *name = at ? strstr(at, "Name=") : NULL;
        if (!name) return 0;
        char wanted[256], quote = name[5];
        const char *end = strchr(name + 6, quote);
        snprintf(wanted, sizeof wanted, "@Name='%.*s'", (int)(end - name - 6), name + 6);
        if (!strstr(query, wanted)) return 0;
    }
    const char *age = strstr(query, "timediff(@SystemTime) <= ");
    if (age) {
        const char *time = strstr(xml, "SystemTime=");
        SYSTEMTIME at = {0};
        if (!time || sscanf(time + 12, "%hu-%hu-%huT%hu:%hu:%hu", &at.wYear, &at.wMonth, &at.wDay, &at.wHour, &at.wMinute, &at.wSecond) != 6)
            return 0;
        FILETIME written, now;
        SystemTimeToFileTime(&at, &written);
        GetSystemTimeAsFileTime(&now);
        ULONGLONG past = (((ULONGLONG)now.dwHighDateTime << 32) | now.dwLowDateTime) - (((ULONGLONG)written.dwHighDateTime << 32) | written.dwLowDateTime);
        if (past / 10000 > strtoull(age + 25, NULL, 10)) return 0;
    }
    return 1;
}

/* Whether the log holds something that the subscription wants and has not delivered: behind its place, or from the start of
 * a log whose numbers began anew. */
static int has_more(Object *it)
{
    Log log;
    int more = 0;
    if (!load(&log, it->server, it->channel)) return 0;
    int anew = log.count && log.records[log.count - 1].id < it->record;
    for (int i = 0; i < log.count && !more; i++)
        more = (anew || log.records[i].id > it->record) && matches(it->query, log.records[i].xml);
    unload(&log);
    return more;
}

/* Sets the signal when there is something to take. The file of faults may hold it back: `EvtSignal <channel> 1 1`. */
static DWORD WINAPI watch(void *argument)
{
    Object *it = argument;
    char path[MOCK_PATH_MAX];
    path_of(path, it->server, it->channel);
    LARGE_INTEGER known = {0};
    while (WaitForSingleObject(it->stop, 20) == WAIT_TIMEOUT) {
        WIN32_FILE_ATTRIBUTE_DATA data;
        if (!GetFileAttributesExA(path, GetFileExInfoStandard, &data)) continue;
        LARGE_INTEGER size = {.LowPart = data.nFileSizeLow, .HighPart = data.nFileSizeHigh};
        if (size.QuadPart != known.QuadPart && has_more(it) && !fault("EvtSignal", it->channel, 0)) {
            InterlockedExchange(&it->delivered, 1);
            SetEvent(it->signal);
        }
        known = size;
    }
    return 0;
}

static void *failed(DWORD error) { SetLastError(error); return NULL; }

EVT_HANDLE WINAPI EvtOpenSession(EVT_LOGIN_CLASS class, PVOID login, DWORD timeout, DWORD flags)
{
    char server[256], folder[MOCK_PATH_MAX];
    if (class != EvtRpcLogin || timeout || flags) return failed(ERROR_INVALID_PARAMETER);
    EVT_RPC_LOGIN *it = login;
    narrow(it->Server, server, sizeof server);
    note("EvtOpenSession %s user=%s", server, it->User || it->Password || it->Domain ? "given" : "own");
    DWORD error = fault("EvtOpenSession", server, 0);
    snprintf(folder, sizeof folder, "C:\\mock\\remote\\%s", server);
    if (!error && GetFileAttributesA(folder) == INVALID_FILE_ATTRIBUTES) error = RPC_S_SERVER_UNAVAILABLE;
    return error ? failed(error) : make('r', "", server);
}

EVT_HANDLE WINAPI EvtCreateBookmark(LPCWSTR xml)
{
    char text[2048] = "", channel[256] = "";
    Object *it = make('b', "", "");
    if (!xml) return it;
    narrow(xml, text, sizeof text);
    char *record = strstr(text, "RecordId='"), *name = strstr(text, "Channel='");
    if (!record || !name) { free(it); return failed(ERROR_INVALID_PARAMETER); }
    sscanf(name + 9, "%255[^']", channel);
    snprintf(it->channel, sizeof it->channel, "%s", channel);
    it->record = strtoull(record + 10, NULL, 10);
    return it;
}

WINBOOL WINAPI EvtUpdateBookmark(EVT_HANDLE bookmark, EVT_HANDLE event)
{
    Object *to = bookmark, *from = event;
    if (!to || to->kind != 'b' || !from || from->kind != 'e') { SetLastError(ERROR_INVALID_HANDLE); return FALSE; }
    DWORD error = fault("EvtUpdateBookmark", from->channel, 0);
    if (error) { SetLastError(error); return FALSE; }
    to->record = from->record;
    strcpy(to->channel, from->channel);
    return TRUE;
}

EVT_HANDLE WINAPI EvtSubscribe(EVT_HANDLE session, HANDLE signal, LPCWSTR path, LPCWSTR query, EVT_HANDLE bookmark,
                               PVOID context, EVT_SUBSCRIBE_CALLBACK callback, DWORD flags)
{
    char channel[256];
    Log log;
    DWORD origin = flags & EvtSubscribeOriginMask;
    narrow(path, channel, sizeof channel);
    if (!signal || callback || context || (origin == EvtSubscribeStartAfterBookmark) != (bookmark != NULL))
        return failed(ERROR_INVALID_PARAMETER);
    note("EvtSubscribe %s flags=0x%lx record=%llu", channel, flags, bookmark ? ((Object *)bookmark)->record : 0);
    DWORD error = fault("EvtSubscribe", channel, 0);
    if (error) return failed(error);
    if (!load(&log, server_of(session), channel)) return failed(ERROR_EVT_CHANNEL_NOT_FOUND);
    Object *it = make('s', channel, server_of(session));
    narrow(query, it->query, sizeof it->query);
    if (origin == EvtSubscribeStartAfterBookmark) {
        it->record = ((Object *)bookmark)->record;
        int there = 0;
        for (int i = 0; i < log.count; i++) there |= log.records[i].id == it->record;
        if (!there && (flags & EvtSubscribeStrict)) { unload(&log); free(it); return failed(ERROR_NOT_FOUND); }
        /* Not strict: the next one that is there. */
        if (!there && log.count && log.records[0].id > it->record) it->record = log.records[0].id - 1;
    } else if (origin == EvtSubscribeToFutureEvents)
        it->record = log.count ? log.records[log.count - 1].id : 0;
    else
        it->record = log.count ? log.records[0].id - 1 : 0;
    unload(&log);
    it->signal = signal;
    it->stop = CreateEventW(NULL, TRUE, FALSE, NULL);
    it->thread = CreateThread(NULL, 0, watch, it, 0, NULL);
    return it;
}

EVT_HANDLE WINAPI EvtQuery(EVT_HANDLE session, LPCWSTR path, LPCWSTR query, DWORD flags)
{
    char channel[256];
    Log log;
    narrow(path, channel, sizeof channel);
    if (flags != (EvtQueryChannelPath | EvtQueryForwardDirection)) return failed(ERROR_INVALID_PARAMETER);
    char wanted[2048];
    narrow(query, wanted, sizeof wanted);
    if (strcmp(wanted, "*") || !strcmp(channel, "Key Management Service")) note("EvtQuery %s %.60s", channel, wanted);
    DWORD error = fault("EvtQuery", channel, 0);
    if (error) return failed(error);
    if (!load(&log, server_of(session), channel)) return failed(ERROR_EVT_CHANNEL_NOT_FOUND);
    Object *it = make('s', channel, server_of(session));
    narrow(query, it->query, sizeof it->query);
    it->record = log.count ? log.records[0].id - 1 : 0;
    unload(&log);
    return it;
}

WINBOOL WINAPI EvtSeek(EVT_HANDLE set, LONGLONG position, EVT_HANDLE bookmark, DWORD timeout, DWORD flags)
{
    Object *it = set, *mark = bookmark;
    Log log;
    DWORD origin = flags & EvtSeekOriginMask, error = 0;
    if (!it || it->kind != 's' || it->signal) { SetLastError(ERROR_INVALID_HANDLE); return FALSE; }
    if (timeout || (origin == EvtSeekRelativeToBookmark) != (mark != NULL) || (origin != EvtSeekRelativeToBookmark && origin != EvtSeekRelativeToFirst)) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return FALSE;
    }
    if (!load(&log, it->server, it->channel)) { SetLastError(ERROR_EVT_CHANNEL_NOT_FOUND); return FALSE; }
    if (origin == EvtSeekRelativeToFirst) it->record = log.count ? log.records[0].id - 1 : 0;
    else {
        /* Strict: the event at that position itself must be there, so one behind the last event fails. */
        unsigned long long wanted = mark->record + position;
        int there = 0;
        for (int i = 0; i < log.count; i++) there |= log.records[i].id == wanted;
        if (!(error = fault("EvtSeek", it->channel, 0)) && !there && (flags & EvtSeekStrict)) error = ERROR_NOT_FOUND;
        if (!error) it->record = wanted - 1;
        if (!error && log.count && log.records[0].id > it->record + 1) it->record = log.records[0].id - 1;
        note("EvtSeek %s %s%lld record=%llu%s", it->channel, flags & EvtSeekStrict ? "strict " : "", (long long)position, mark->record, error ? " failed" : "");
    }
    unload(&log);
    if (error) SetLastError(error);
    return !error;
}

WINBOOL WINAPI EvtNext(EVT_HANDLE set, DWORD size, EVT_HANDLE *events, DWORD timeout, DWORD flags, PDWORD returned)
{
    Object *it = set;
    Log log;
    if (!it || it->kind != 's' || flags) { SetLastError(ERROR_INVALID_HANDLE); return FALSE; }
    *returned = 0;
    int subscription = it->signal != NULL;
    /* Of one event only the oldest is asked for. */
    DWORD error = size > 1 ? fault("EvtNext", it->channel, size) : 0;
    if (error == ERROR_TIMEOUT) Sleep(timeout < 50 ? timeout : 50);
    /* Nothing was delivered since the last one was taken: Windows does not answer "no more items", but this. */
    if (subscription && !error && !it->delivered) error = ERROR_INVALID_OPERATION;
    if (!load(&log, it->server, it->channel)) { SetLastError(ERROR_EVT_CHANNEL_NOT_FOUND); return FALSE; }
    /* The cursor stays where it is. */
    if (error == ERROR_TIMEOUT || error == ERROR_INVALID_OPERATION) log.count = 0;
    else if (!error && log.count && (log.records[0].id > it->record + 1 || log.records[log.count - 1].id < it->record))
        error = ERROR_EVT_QUERY_RESULT_STALE;
    else if (!error && !log.count && it->record) error = ERROR_EVT_QUERY_RESULT_STALE;
    DWORD found = 0;
    for (int i = 0; i < log.count && found < size && error != ERROR_EVT_QUERY_RESULT_STALE; i++) {
        if (log.records[i].id <= it->record) continue;
        it->record = log.records[i].id;
        if (!matches(it->query, log.records[i].xml)) continue;
        /* A batch that is too large moves the cursor all the same. */
        if (error) { found++; continue; }
        Object *event = make('e', it->channel, it->server);
        event->record = log.records[i].id;
        event->xml = _strdup(log.records[i].xml);
        events[found++] = event;
    }
    unload(&log);
    if (!error && !found) error = ERROR_NO_MORE_ITEMS;
    if (subscription && error == ERROR_NO_MORE_ITEMS) {
        InterlockedExchange(&it->delivered, 0);
        if (has_more(it)) {
            InterlockedExchange(&it->delivered, 1);
            SetEvent(it->signal);
        }
    }
    if (size > 1) note("EvtNext %s %s size=%lu -> %s%lu", it->channel, subscription ? "live" : "query", size, error ? "error " : "", error ? error : found);
    if (error) { SetLastError(error); return FALSE; }
    *returned = found;
    return TRUE;
}

WINBOOL WINAPI EvtRender(EVT_HANDLE context, EVT_HANDLE fragment, DWORD flags, DWORD size, PVOID buffer, PDWORD used,
                         PDWORD properties)
{
    Object *it = fragment;
    char bookmark[512];
    const char *text;
    if (context || !it) { SetLastError(ERROR_INVALID_PARAMETER); return FALSE; }
    if (flags == EvtRenderEventXml && it->kind == 'e') text = it->xml;
    else if (flags == EvtRenderBookmark && it->kind == 'b') {
        snprintf(bookmark, sizeof bookmark,
                 "<BookmarkList>\r\n  <Bookmark Channel='%s' RecordId='%llu' IsCurrent='true'/>\r\n</BookmarkList>", it->channel, it->record);
        text = bookmark;
    } else { SetLastError(ERROR_INVALID_HANDLE); return FALSE; }
    DWORD error = it->kind == 'e' ? fault("EvtRender", it->channel, 0) : 0;
    if (error) { SetLastError(error); return FALSE; }
    WCHAR *rendered = wide(text);
    *used = (wcslen(rendered) + 1) * sizeof(WCHAR);
    *properties = 0;
    if (*used <= size) memcpy(buffer, rendered, *used);
    free(rendered);
    if (*used > size) { SetLastError(ERROR_INSUFFICIENT_BUFFER); return FALSE; }
    return TRUE;
}

EVT_HANDLE WINAPI EvtOpenLog(EVT_HANDLE session, LPCWSTR path, DWORD flags)
{
    char channel[256], file[MOCK_PATH_MAX];
    narrow(path, channel, sizeof channel);
    path_of(file, server_of(session), channel);
    if (flags != EvtOpenChannelPath) return failed(ERROR_INVALID_PARAMETER);
    if (GetFileAttributesA(file) == INVALID_FILE_ATTRIBUTES) return failed(ERROR_EVT_CHANNEL_NOT_FOUND);
    return make('l', channel, server_of(session));
}

WINBOOL WINAPI EvtGetLogInfo(EVT_HANDLE handle, EVT_LOG_PROPERTY_ID property, DWORD size, PEVT_VARIANT value, PDWORD used)
{
    Object *it = handle;
    Log log;
    *used = sizeof(EVT_VARIANT);
    if (size < sizeof(EVT_VARIANT)) { SetLastError(ERROR_INSUFFICIENT_BUFFER); return FALSE; }
    if (!load(&log, it->server, it->channel)) { SetLastError(ERROR_EVT_CHANNEL_NOT_FOUND); return FALSE; }
    value->Count = 0;
    value->Type = EvtVarTypeUInt64;
    if (property == EvtLogNumberOfLogRecords) value->UInt64Val = log.count;
    else if (property == EvtLogOldestRecordNumber) value->UInt64Val = log.count ? log.records[0].id : 0;
    else if (property == EvtLogFileSize) value->UInt64Val = 69632;
    else { unload(&log); SetLastError(ERROR_INVALID_PARAMETER); return FALSE; }
    unload(&log);
    return TRUE;
}

EVT_HANDLE WINAPI EvtOpenChannelConfig(EVT_HANDLE session, LPCWSTR path, DWORD flags)
{
    char channel[256], file[MOCK_PATH_MAX];
    narrow(path, channel, sizeof channel);
    path_of(file, server_of(session), channel);
    if (GetFileAttributesA(file) == INVALID_FILE_ATTRIBUTES) return failed(ERROR_EVT_CHANNEL_NOT_FOUND);
    return make('c', channel, server_of(session));
}

WINBOOL WINAPI EvtGetChannelConfigProperty(EVT_HANDLE config, EVT_CHANNEL_CONFIG_PROPERTY_ID property, DWORD flags,
                                           DWORD size, PEVT_VARIANT value, PDWORD used)
{
    static const WCHAR access[] = L"O:BAG:SYD:(A;;0xf0007;;;SY)(A;;0x7;;;BA)(A;;0x1;;;S-1-5-32-573)";
    *used = sizeof(EVT_VARIANT) + sizeof access;
    if (property != EvtChannelConfigAccess) {
        if (size < sizeof(EVT_VARIANT)) { SetLastError(ERROR_INSUFFICIENT_BUFFER); return FALSE; }
        /* What is not part of a value is not zero. */
        memset(value, 0xAA, sizeof *value);
        value->Count = 0;
        switch (property) {
        case EvtChannelConfigEnabled: value->Type = EvtVarTypeBoolean; value->BooleanVal = TRUE; return TRUE;
        case EvtChannelConfigClassicEventlog: value->Type = EvtVarTypeBoolean; value->BooleanVal = TRUE; return TRUE;
        case EvtChannelLoggingConfigRetention: value->Type = EvtVarTypeBoolean; value->BooleanVal = FALSE; return TRUE;
        case EvtChannelConfigIsolation: value->Type = EvtVarTypeUInt32; value->UInt32Val = 0; return TRUE;
        case EvtChannelConfigType: value->Type = EvtVarTypeUInt32; value->UInt32Val = 0; return TRUE;
        case EvtChannelLoggingConfigMaxSize: value->Type = EvtVarTypeUInt64; value->UInt64Val = 20971520; return TRUE;
        default: SetLastError(ERROR_INVALID_PARAMETER); return FALSE;
        }
    }
    if (size < *used) { SetLastError(ERROR_INSUFFICIENT_BUFFER); return FALSE; }
    value->Type = EvtVarTypeString;
    value->Count = 0;
    value->StringVal = (LPCWSTR)(value + 1);
    memcpy(value + 1, access, sizeof access);
    return TRUE;
}

WINBOOL WINAPI EvtClose(EVT_HANDLE handle)
{
    Object *it = handle;
    if (!it) { SetLastError(ERROR_INVALID_HANDLE); return FALSE; }
    if (it->thread) {
        SetEvent(it->stop);
        WaitForSingleObject(it->thread, INFINITE);
        CloseHandle(it->thread);
        CloseHandle(it->stop);
    }
    free(it->xml);
    free(it);
    return TRUE;
}
