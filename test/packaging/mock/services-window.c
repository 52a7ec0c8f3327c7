/* Stands for services.msc or a monitoring agent: holds a handle to the service, until it is ended. */
#include <windows.h>
#include <stdio.h>

int wmain(int count, wchar_t **args)
{
    SC_HANDLE manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT);
    SC_HANDLE service = count > 1 ? OpenServiceW(manager, args[1], SERVICE_QUERY_STATUS | SERVICE_QUERY_CONFIG) : NULL;
    if (!service) return 1;
    printf("open\n");
    fflush(stdout);
    Sleep(INFINITE);
    return 0;
}
