/** mallopt(3): M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX. */
const SETTINGS: readonly (readonly [parameter: number, value: number])[] = [
  [-1, 128 * 1024],
  [-3, 64 * 1024],
  [-8, 1],
];

/**
 * Lets glibc give memory back. It keeps what a thread has freed for that thread, and every request is freed in another thread
 * than the one that received it: a busy collector would grow by some 60 MB that nothing uses. To be called before the engine's
 * thread starts. Other systems and C libraries need none of this.
 */
export const returnFreedMemory = async (): Promise<void> => {
  if (process.platform !== "linux") return;
  try {
    const { default: koffi } = await import("koffi");
    const mallopt = koffi.load("libc.so.6").func("int mallopt(int, int)");
    for (const [parameter, value] of SETTINGS) mallopt(parameter, value);
  } catch {
    // musl has no such function and no such habit; without koffi it costs memory, nothing else.
  }
};
