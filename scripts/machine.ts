/** What machines programs are for, read from their first bytes: ELF (Linux) and Mach-O (macOS), both for 64 bits. */

const ELF = 0x464c457f;
const MACH_O = 0xfeedfacf;

const ELF_MACHINES: Readonly<Record<number, string>> = { 62: "x86_64", 183: "aarch64" };
const MACH_O_MACHINES: Readonly<Record<number, string>> = { 0x01000007: "x86_64", 0x0100000c: "aarch64" };

/** Returns the system a program is for, in Nix's words; "something else" if it is none of the four. */
export function machineOf(program: Uint8Array): string {
  if (program.length < 64) return "something else";
  const view = new DataView(program.buffer, program.byteOffset, program.byteLength);
  const magic = view.getUint32(0, true);
  const machine = magic === ELF
    ? ELF_MACHINES[view.getUint16(18, true)]
    : magic === MACH_O
    ? MACH_O_MACHINES[view.getUint32(4, true)]
    : undefined;
  return machine === undefined ? "something else" : `${machine}-${magic === ELF ? "linux" : "darwin"}`;
}
