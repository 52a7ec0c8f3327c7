/* Stands for the WMI provider. A class is a file: `@Name type` lines are its properties, `Name=value` lines a row, `---`
 * between rows. Compiled against wbemcli.h, so that slots and types are Windows' own. */
#define CINTERFACE
#define COBJMACROS
#include "mock.h"
#include <initguid.h>
#include <objbase.h>
#include <oleauto.h>
#include <wbemcli.h>

#define PROPERTIES_MAX 200
#define ROWS_MAX 50

typedef struct { char name[64]; CIMTYPE type; } Property;
typedef struct {
    char *text;
    Property properties[PROPERTIES_MAX];
    int property_count, row_count;
    char *values[ROWS_MAX][PROPERTIES_MAX];
} Class;

static CIMTYPE type_of(const char *name)
{
    if (!strcmp(name, "u32")) return CIM_UINT32;
    if (!strcmp(name, "i32")) return CIM_SINT32;
    if (!strcmp(name, "u64")) return CIM_UINT64;
    if (!strcmp(name, "bool")) return CIM_BOOLEAN;
    if (!strcmp(name, "datetime")) return CIM_DATETIME;
    return CIM_STRING;
}

static int property_in(Class *class, const char *name)
{
    for (int i = 0; i < class->property_count; i++)
        if (!_stricmp(class->properties[i].name, name)) return i;
    return -1;
}

static Class *load(const char *folder, const char *name)
{
    char path[MOCK_PATH_MAX];
    snprintf(path, sizeof path, "%s\\%s.txt", folder, name);
    char *text = read_file(path);
    if (!text) return NULL;
    Class *class = calloc(1, sizeof *class);
    class->text = text;
    int row = -1;
    for (char *line = strtok(text, "\r\n"); line; line = strtok(NULL, "\r\n")) {
        char type[32];
        if (*line == '@') {
            Property *it = &class->properties[class->property_count++];
            sscanf(line + 1, "%63s %31s", it->name, type);
            it->type = type_of(type);
        } else if (!strcmp(line, "---")) row = class->row_count++;
        else if (row >= 0) {
            char *equals = strchr(line, '=');
            if (!equals) continue;
            *equals = 0;
            int at = property_in(class, line);
            if (at >= 0) class->values[row][at] = equals + 1;
        }
    }
    return class;
}

/* ---- IWbemClassObject: a row (or, with row -1, the definition) ---- */
typedef struct { IWbemClassObject iface; LONG references; Class *class; int row, at; } Row;

static HRESULT WINAPI object_query(IWbemClassObject *self, REFIID id, void **out)
{
    *out = NULL;
    if (!IsEqualGUID(id, &IID_IUnknown) && !IsEqualGUID(id, &IID_IWbemClassObject)) return E_NOINTERFACE;
    IWbemClassObject_AddRef(self);
    *out = self;
    return S_OK;
}
static ULONG WINAPI object_add(IWbemClassObject *self) { return InterlockedIncrement(&((Row *)self)->references); }
static ULONG WINAPI object_release(IWbemClassObject *self)
{
    ULONG left = InterlockedDecrement(&((Row *)self)->references);
    if (!left) free(self);
    return left;
}
static HRESULT WINAPI object_get(IWbemClassObject *self, LPCWSTR name, LONG flags, VARIANT *value, CIMTYPE *type, LONG *flavor)
{
    Row *row = (Row *)self;
    char utf8[64];
    narrow(name, utf8, sizeof utf8);
    int at = property_in(row->class, utf8);
    if (at < 0) return WBEM_E_NOT_FOUND;
    CIMTYPE of = row->class->properties[at].type;
    if (type) *type = of;
    if (flavor) *flavor = 0;
    char *text = row->row < 0 ? NULL : row->class->values[row->row][at];
    VariantInit(value);
    if (!text) { V_VT(value) = VT_NULL; return S_OK; }
    switch (of) {
    case CIM_UINT32: V_VT(value) = VT_I4; V_I4(value) = (LONG)strtoul(text, NULL, 0); break;
    case CIM_SINT32: V_VT(value) = VT_I4; V_I4(value) = strtol(text, NULL, 0); break;
    case CIM_BOOLEAN: V_VT(value) = VT_BOOL; V_BOOL(value) = strcmp(text, "true") ? VARIANT_FALSE : VARIANT_TRUE; break;
    default: {
        WCHAR *copy = wide(text);
        V_VT(value) = VT_BSTR;
        V_BSTR(value) = SysAllocString(copy);
        free(copy);
    }
    }
    return S_OK;
}
static HRESULT WINAPI object_begin(IWbemClassObject *self, LONG flags) { ((Row *)self)->at = 0; return S_OK; }
static HRESULT WINAPI object_next(IWbemClassObject *self, LONG flags, BSTR *name, VARIANT *value, CIMTYPE *type, LONG *flavor)
{
    Row *row = (Row *)self;
    if (row->at == row->class->property_count) return WBEM_S_NO_MORE_DATA;
    WCHAR *copy = wide(row->class->properties[row->at].name);
    if (name) *name = SysAllocString(copy);
    HRESULT hr = value ? object_get(self, copy, 0, value, type, flavor) : S_OK;
    free(copy);
    row->at++;
    return hr;
}
static HRESULT WINAPI object_end(IWbemClassObject *self) { return S_OK; }
static HRESULT WINAPI missing(void) { return E_NOTIMPL; }

static IWbemClassObjectVtbl object_table = {
    .QueryInterface = object_query, .AddRef = object_add, .Release = object_release, .Get = object_get,
    .BeginEnumeration = object_begin, .Next = object_next, .EndEnumeration = object_end,
    .GetQualifierSet = (void *)missing, .Put = (void *)missing, .Delete = (void *)missing, .GetNames = (void *)missing,
};
static IWbemClassObject *new_object(Class *class, int row)
{
    Row *it = calloc(1, sizeof *it);
    it->iface.lpVtbl = &object_table;
    it->references = 1;
    it->class = class;
    it->row = row;
    return &it->iface;
}

/* ---- IEnumWbemClassObject ---- */
typedef struct { IEnumWbemClassObject iface; LONG references; Class *class; int at, filter; char name[64]; } Rows;

static HRESULT WINAPI rows_query(IEnumWbemClassObject *self, REFIID id, void **out) { *out = NULL; return E_NOINTERFACE; }
static ULONG WINAPI rows_add(IEnumWbemClassObject *self) { return InterlockedIncrement(&((Rows *)self)->references); }
static ULONG WINAPI rows_release(IEnumWbemClassObject *self)
{
    ULONG left = InterlockedDecrement(&((Rows *)self)->references);
    if (!left) free(self);
    return left;
}
static HRESULT WINAPI rows_next(IEnumWbemClassObject *self, LONG timeout, ULONG count, IWbemClassObject **objects, ULONG *returned)
{
    Rows *it = (Rows *)self;
    HRESULT error = fault("Next", it->name, 0);
    *returned = 0;
    if (error) return error;
    while (it->at < it->class->row_count && it->filter >= 0 && !it->class->values[it->at][it->filter]) it->at++;
    if (it->at == it->class->row_count) return WBEM_S_FALSE;
    *objects = new_object(it->class, it->at++);
    *returned = 1;
    return S_OK;
}
static IEnumWbemClassObjectVtbl rows_table = {
    .QueryInterface = rows_query, .AddRef = rows_add, .Release = rows_release, .Next = rows_next,
    .Reset = (void *)missing, .NextAsync = (void *)missing, .Clone = (void *)missing, .Skip = (void *)missing,
};

/* ---- IWbemServices ---- */
typedef struct { IWbemServices iface; LONG references; char folder[MOCK_PATH_MAX]; } Services;

/* ---- IClientSecurity, as a proxy has it: notes what its packets are to be ---- */
static HRESULT WINAPI security_query(IClientSecurity *self, REFIID id, void **out) { *out = NULL; return E_NOINTERFACE; }
static ULONG WINAPI security_references(IClientSecurity *self) { return 1; }
static HRESULT WINAPI security_set(IClientSecurity *self, IUnknown *proxy, DWORD authn, DWORD authz, OLECHAR *principal,
                                   DWORD level, DWORD impersonation, void *identity, DWORD capabilities)
{
    note("SetBlanket principal=%s level=%lu impersonation=%lu identity=%s", principal == COLE_DEFAULT_PRINCIPAL ? "default" : principal ? "named" : "none",
         level, impersonation, identity ? "given" : "own");
    return S_OK;
}
/* What a domain answers: Kerberos, sealed. */
static HRESULT WINAPI security_ask(IClientSecurity *self, IUnknown *proxy, DWORD *authn, DWORD *authz, OLECHAR **principal,
                                   DWORD *level, DWORD *impersonation, void **identity, DWORD *capabilities)
{
    static const WCHAR name[] = L"RestrictedKrbHost/old";
    *authn = 16;
    *authz = 0;
    *level = 6;
    *impersonation = 3;
    if (identity) *identity = NULL;
    *capabilities = 0;
    *principal = CoTaskMemAlloc(sizeof name);
    memcpy(*principal, name, sizeof name);
    return S_OK;
}
static IClientSecurityVtbl security_table = {
    .QueryInterface = security_query, .AddRef = security_references, .Release = security_references, .SetBlanket = security_set,
    .QueryBlanket = security_ask,
};
static IClientSecurity security = {&security_table};

static HRESULT WINAPI services_query(IWbemServices *self, REFIID id, void **out)
{
    *out = IsEqualGUID(id, &IID_IClientSecurity) ? &security : NULL;
    return *out ? S_OK : E_NOINTERFACE;
}
static ULONG WINAPI services_add(IWbemServices *self) { return InterlockedIncrement(&((Services *)self)->references); }
static ULONG WINAPI services_release(IWbemServices *self)
{
    ULONG left = InterlockedDecrement(&((Services *)self)->references);
    if (!left) free(self);
    return left;
}
static HRESULT WINAPI services_get(IWbemServices *self, const BSTR path, LONG flags, IWbemContext *context,
                                   IWbemClassObject **object, IWbemCallResult **result)
{
    char name[128];
    narrow(path, name, sizeof name);
    HRESULT error = fault("GetObject", name, 0);
    if (error) return error;
    Class *class = load(((Services *)self)->folder, name);
    if (!class) return WBEM_E_NOT_FOUND;
    *object = new_object(class, -1);
    return S_OK;
}
static HRESULT WINAPI services_exec(IWbemServices *self, const BSTR language, const BSTR text, LONG flags,
                                    IWbemContext *context, IEnumWbemClassObject **out)
{
    char query[8192], name[64], where[64] = "";
    if (wcscmp(language, L"WQL") || flags != (WBEM_FLAG_FORWARD_ONLY | WBEM_FLAG_RETURN_IMMEDIATELY)) return WBEM_E_INVALID_PARAMETER;
    narrow(text, query, sizeof query);
    note("ExecQuery %.4000s", query);
    char *from = strstr(query, " FROM ");
    if (strncmp(query, "SELECT ", 7) || !from) return WBEM_E_INVALID_QUERY;
    *from = 0;
    sscanf(from + 6, "%63s", name);
    char *condition = strstr(from + 6, " WHERE ");
    if (condition && sscanf(condition + 7, "%63s IS NOT NULL", where) != 1) return WBEM_E_INVALID_QUERY;
    HRESULT error = fault("ExecQuery", name, 0);
    if (error) return error;
    Class *class = load(((Services *)self)->folder, name);
    if (!class) return WBEM_E_INVALID_CLASS;
    for (char *column = strtok(query + 7, ", "); column; column = strtok(NULL, ", "))
        if (property_in(class, column) < 0) return WBEM_E_INVALID_QUERY;
    Rows *rows = calloc(1, sizeof *rows);
    rows->iface.lpVtbl = &rows_table;
    rows->references = 1;
    rows->class = class;
    rows->filter = *where ? property_in(class, where) : -1;
    strcpy(rows->name, name);
    *out = &rows->iface;
    return S_OK;
}
static IWbemServicesVtbl services_table = {
    .QueryInterface = services_query, .AddRef = services_add, .Release = services_release,
    .GetObject = services_get, .ExecQuery = services_exec,
};

/* ---- IWbemLocator and its factory ---- */
static HRESULT WINAPI locator_query(IWbemLocator *self, REFIID id, void **out)
{
    *out = NULL;
    if (!IsEqualGUID(id, &IID_IUnknown) && !IsEqualGUID(id, &IID_IWbemLocator)) return E_NOINTERFACE;
    *out = self;
    return S_OK;
}
static ULONG WINAPI one(void *self) { return 1; }
static HRESULT WINAPI locator_connect(IWbemLocator *self, const BSTR resource, const BSTR user, const BSTR password,
                                      const BSTR locale, LONG flags, const BSTR authority, IWbemContext *context, IWbemServices **out)
{
    char path[512], server[256] = "";
    narrow(resource, path, sizeof path);
    note("ConnectServer %s user=%s flags=0x%lx", path, user || password ? "given" : "own", flags);
    if (*path == '\\') sscanf(path + 2, "%255[^\\]", server);
    HRESULT error = fault("ConnectServer", *server ? server : ".", 0);
    if (error) return error;
    Services *it = calloc(1, sizeof *it);
    it->iface.lpVtbl = &services_table;
    it->references = 1;
    if (*server) snprintf(it->folder, sizeof it->folder, "C:\\mock\\remote\\%s\\wmi", server);
    else strcpy(it->folder, "C:\\mock\\wmi");
    if (GetFileAttributesA(it->folder) == INVALID_FILE_ATTRIBUTES) {
        free(it);
        return *server ? HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE) : WBEM_E_INVALID_NAMESPACE;
    }
    *out = &it->iface;
    return S_OK;
}
static IWbemLocatorVtbl locator_table = {
    .QueryInterface = locator_query, .AddRef = (void *)one, .Release = (void *)one, .ConnectServer = locator_connect,
};
static IWbemLocator locator = {&locator_table};

static HRESULT WINAPI factory_query(IClassFactory *self, REFIID id, void **out)
{
    *out = self;
    return S_OK;
}
static HRESULT WINAPI factory_create(IClassFactory *self, IUnknown *outer, REFIID id, void **out)
{
    return locator_query(&locator, id, out);
}
static IClassFactoryVtbl factory_table = {
    .QueryInterface = factory_query, .AddRef = (void *)one, .Release = (void *)one, .CreateInstance = factory_create,
    .LockServer = (void *)missing,
};
static IClassFactory factory = {&factory_table};

HRESULT WINAPI DllGetClassObject(REFCLSID class, REFIID id, void **out)
{
    return factory_query(&factory, id, out);
}
HRESULT WINAPI DllCanUnloadNow(void) { return S_FALSE; }
