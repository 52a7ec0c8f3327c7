/* Prints which actions of a package's InstallExecuteSequence would run with the properties given: Windows Installer's own
   evaluation (MsiEvaluateCondition) of the conditions that are in the package. Usage: msi-actions FILE [NAME=VALUE …] */
#include <stdio.h>
#include <wchar.h>
#include <windows.h>
#include <msi.h>
#include <msiquery.h>

int wmain(int count, wchar_t **arguments) {
  MSIHANDLE package, view, row;
  if (count < 2) return 2;
  MsiSetInternalUI(INSTALLUILEVEL_NONE, NULL);
  UINT error = MsiOpenPackageExW(arguments[1], MSIOPENPACKAGEFLAGS_IGNOREMACHINESTATE, &package);
  if (error) {
    printf("MsiOpenPackageEx: %u\n", error);
    return 1;
  }
  for (int i = 2; i < count; i += 1) {
    wchar_t *value = wcschr(arguments[i], L'=');
    *value = 0;
    if (MsiSetPropertyW(package, arguments[i], value + 1)) return 1;
  }
  MSIHANDLE database = MsiGetActiveDatabase(package);
  if (MsiDatabaseOpenViewW(database, L"SELECT `Action`, `Condition` FROM `InstallExecuteSequence` ORDER BY `Sequence`", &view) ||
      MsiViewExecute(view, 0))
    return 1;
  while (MsiViewFetch(view, &row) == ERROR_SUCCESS) {
    wchar_t action[256], condition[1024];
    DWORD actionLength = 256, conditionLength = 1024;
    MsiRecordGetStringW(row, 1, action, &actionLength);
    MsiRecordGetStringW(row, 2, condition, &conditionLength);
    MSICONDITION met = conditionLength == 0 ? MSICONDITION_TRUE : MsiEvaluateConditionW(package, condition);
    if (met == MSICONDITION_ERROR) printf("error in %ls\n", action);
    if (met == MSICONDITION_TRUE) printf("%ls\n", action);
    MsiCloseHandle(row);
  }
  return 0;
}
