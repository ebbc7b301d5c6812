/** A file of a bundle. */
export interface TarFile {
  /** ASCII, at most 100 characters. */
  readonly name: string;
  readonly content: Buffer;
}

const blockBytes = 512;

/** The files as a tar archive (POSIX.1-1988 ustar), readable by everybody's tools. */
export function tar(files: readonly TarFile[], at: number): Buffer {
  const parts = files.flatMap(({ name, content }) => [
    header(name, content.length, at),
    content,
    Buffer.alloc((blockBytes - (content.length % blockBytes)) % blockBytes),
  ]);
  return Buffer.concat([...parts, Buffer.alloc(2 * blockBytes)]);
}

function header(name: string, bytes: number, at: number): Buffer {
  const block = Buffer.alloc(blockBytes);
  const octal = (value: number, digits: number) => value.toString(8).padStart(digits, "0");
  block.write(name, 0, 100, "ascii");
  block.write(`${octal(0o600, 7)}\0`, 100);
  block.write(`${octal(0, 7)}\0`, 108);
  block.write(`${octal(0, 7)}\0`, 116);
  block.write(`${octal(bytes, 11)}\0`, 124);
  block.write(`${octal(Math.max(0, Math.floor(at / 1_000)), 11)}\0`, 136);
  block.write("        ", 148);
  block.write("0", 156);
  block.write("ustar\x0000", 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 6)}\0 `, 148);
  return block;
}
