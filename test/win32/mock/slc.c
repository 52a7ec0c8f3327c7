/* Stands for slc.dll, by its documentation (slpublic.h of the Windows SDK; mingw's has none of these). One line of
 * C:\mock\slc a license: `SKU;key;status;minutes;reason;name;description;partial key;channel`. */
#include "mock.h"
#include <objbase.h>

typedef GUID SLID;
typedef struct {
    SLID SkuId;
    int eStatus;
    DWORD dwGraceTime, dwTotalGraceDays;
    HRESULT hrReason;
    UINT64 qwValidityExpiration;
} SL_LICENSING_STATUS;
typedef char size_is_forty[sizeof(SL_LICENSING_STATUS) == 40 ? 1 : -1];

static int fields_of(const SLID *wanted, int by_key, char *fields[9])
{
    static char *text;
    free(text);
    text = read_file("C:\\mock\\slc");
    if (!text) return 0;
    for (char *line = strtok(text, "\r\n"); line; line = strtok(NULL, "\r\n")) {
        char *at = line;
        for (int i = 0; i < 9; i++) {
            fields[i] = at;
            char *end = strchr(at, ';');
            if (!end) break;
            *end = 0;
            at = end + 1;
        }
        SLID id;
        WCHAR guid[64];
        swprintf(guid, 64, L"{%hs}", fields[by_key ? 1 : 0]);
        CLSIDFromString(guid, &id);
        if (IsEqualGUID(&id, wanted)) return 1;
    }
    return 0;
}

HRESULT WINAPI SLOpen(void **context)
{
    *context = (void *)1;
    note("SLOpen");
    HRESULT error = fault("SLOpen", "*", 0);
    return error;
}
HRESULT WINAPI SLClose(void *context) { return S_OK; }

HRESULT WINAPI SLGetSLIDList(void *context, int from, const SLID *id, int to, UINT *count, SLID **ids)
{
    static const SLID windows = {0x55c92734, 0xd682, 0x4d71, {0x98, 0x3e, 0xd6, 0xec, 0x3f, 0x16, 0x05, 0x9f}};
    char *fields[9];
    *count = 0;
    if (from == 1 && to == 4) {
        WCHAR guid[64];
        if (!fields_of(id, 0, fields)) return 0xC004F014;
        swprintf(guid, 64, L"{%hs}", fields[1]);
        *ids = LocalAlloc(0, sizeof(SLID));
        CLSIDFromString(guid, *ids);
        *count = 1;
        return S_OK;
    }
    if (from != 0 || to != 1) return E_INVALIDARG;
    if (!IsEqualGUID(id, &windows)) return 0xC004F012;
    char *text = read_file("C:\\mock\\slc");
    if (!text) return 0xC004F012;
    *ids = LocalAlloc(0, 32 * sizeof(SLID));
    for (char *line = strtok(text, "\r\n"); line && *count < 32; line = strtok(NULL, "\r\n")) {
        WCHAR guid[64];
        swprintf(guid, 64, L"{%.36hs}", line);
        CLSIDFromString(guid, *ids + (*count)++);
    }
    free(text);
    return S_OK;
}

HRESULT WINAPI SLGetLicensingStatusInformation(void *context, const SLID *application, const SLID *sku, PCWSTR right,
                                               UINT *count, SL_LICENSING_STATUS **statuses)
{
    char *fields[9];
    if (!fields_of(sku, 0, fields)) return 0xC004F015;
    SL_LICENSING_STATUS *it = LocalAlloc(LPTR, sizeof *it);
    it->SkuId = *sku;
    it->eStatus = atoi(fields[2]);
    it->dwGraceTime = strtoul(fields[3], NULL, 10);
    it->hrReason = strtoul(fields[4], NULL, 0);
    *statuses = it;
    *count = 1;
    return S_OK;
}

static HRESULT text_value(const char *text, UINT *type, UINT *size, BYTE **value)
{
    WCHAR *copy = wide(text);
    *type = 1;
    *size = (wcslen(copy) + 1) * sizeof(WCHAR);
    *value = LocalAlloc(0, *size);
    memcpy(*value, copy, *size);
    free(copy);
    return S_OK;
}
HRESULT WINAPI SLGetProductSkuInformation(void *context, const SLID *sku, PCWSTR name, UINT *type, UINT *size, BYTE **value)
{
    char *fields[9];
    if (!fields_of(sku, 0, fields)) return 0xC004F015;
    return text_value(fields[wcscmp(name, L"Name") ? 6 : 5], type, size, value);
}
HRESULT WINAPI SLGetPKeyInformation(void *context, const SLID *key, PCWSTR name, UINT *type, UINT *size, BYTE **value)
{
    char *fields[9];
    if (!fields_of(key, 1, fields)) return 0xC004F014;
    return text_value(fields[wcscmp(name, L"Channel") ? 7 : 8], type, size, value);
}
