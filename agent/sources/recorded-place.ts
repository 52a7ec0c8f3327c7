import { fstatSync, readSync } from "node:fs";
import { crc32 } from "node:zlib";
import { bookmarkObject } from "./bookmarks.ts";

/** How far a file was read. */
export interface Place {
  readonly inode: number;
  readonly offset: number;
  /** Checksums of its first bytes and of those before the offset: a file that is written over keeps its inode. */
  readonly head?: number;
  readonly tail?: number;
}

/** So many bytes at the beginning and before the offset tell one content from another. */
const PRINT = 1_024;

/** The place in a bookmark; undefined for one that says nothing, with which a file is read from its start. */
export const placeIn = (bookmark: string | undefined): Place | undefined => {
  const { inode, offset, head, tail } = bookmarkObject(bookmark) ?? {};
  if (!isCount(inode) || !isCount(offset)) return undefined;
  return { inode, offset, ...(isCount(head) && { head }), ...(isCount(tail) && { tail }) };
};

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

/** The place behind what was read. */
export const placeAt = (fd: number, offset: number): Place => ({
  inode: fstatSync(fd).ino,
  offset,
  head: crc32(bytesAt(fd, 0, Math.min(PRINT, offset))),
  tail: crc32(bytesAt(fd, Math.max(0, offset - PRINT), Math.min(PRINT, offset))),
});

/** Whether the file still holds what was read up to the place: not when it was replaced, cut or written over. */
export const isStillAt = (fd: number, place: Place): boolean => {
  const { ino, size } = fstatSync(fd);
  if (place.inode !== ino || place.offset > size) return false;
  const now = placeAt(fd, place.offset);
  return (place.head ?? now.head) === now.head && (place.tail ?? now.tail) === now.tail;
};

export const bytesAt = (fd: number, offset: number, length: number): Buffer => {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(fd, bytes, 0, length, offset));
};
