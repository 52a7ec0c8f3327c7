import koffi from "koffi";
import { system32 } from "./system32.ts";

/** Calls of kernel32.dll: events of the kernel, waiting, the computer's name. Types as in Windows' headers. */
export const openKernel32 = () => {
  const dll = koffi.load(system32("kernel32.dll"));
  return {
    GetLastError: dll.func("uint32_t __stdcall GetLastError()"),
    CreateEventW: dll.func(
      "void * __stdcall CreateEventW(void *attributes, int32_t manual, int32_t initial, str16 name)",
    ),
    SetEvent: dll.func("int32_t __stdcall SetEvent(void *event)"),
    ResetEvent: dll.func("int32_t __stdcall ResetEvent(void *event)"),
    CloseHandle: dll.func("int32_t __stdcall CloseHandle(void *handle)"),
    WaitForSingleObject: dll.func("uint32_t __stdcall WaitForSingleObject(void *handle, uint32_t milliseconds)"),
    WaitForMultipleObjects: dll.func(
      "uint32_t __stdcall WaitForMultipleObjects(uint32_t count, void *handles, int32_t all, uint32_t milliseconds)",
    ),
    GetComputerNameExW: dll.func(
      "int32_t __stdcall GetComputerNameExW(int32_t format, void *name, _Inout_ uint32_t *length)",
    ),
    GetACP: dll.func("uint32_t __stdcall GetACP()"),
    GetOEMCP: dll.func("uint32_t __stdcall GetOEMCP()"),
    GetUserDefaultLocaleName: dll.func("int32_t __stdcall GetUserDefaultLocaleName(void *name, int32_t length)"),
    GetSystemDefaultLocaleName: dll.func("int32_t __stdcall GetSystemDefaultLocaleName(void *name, int32_t length)"),
    GetCurrentProcess: dll.func("void * __stdcall GetCurrentProcess()"),
    TerminateProcess: dll.func("int32_t __stdcall TerminateProcess(void *process, uint32_t exitCode)"),
  };
};
export type Kernel32 = ReturnType<typeof openKernel32>;

/** A text that Windows wrote into a buffer, up to its end. */
export const wideText = (buffer: Buffer): string => buffer.toString("utf16le").replace(/\0.*$/s, "");
