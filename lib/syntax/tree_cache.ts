/** Where images of trees are kept (image.ts). */

/** Keeps images of resolved trees. What it can't keep or give back it leaves out. */
export interface TreeCache {
  /** Returns what the image of a file is found by; `context` is what else the tree is made from. */
  key(contents: Uint8Array, context: string): string;
  /** Returns an image as it was put; undefined if it isn't there. */
  get(key: string): Uint8Array<ArrayBuffer> | undefined;
  /** Keeps an image if it can. */
  put(key: string, image: Uint8Array): void;
}
