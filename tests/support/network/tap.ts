import { execFileSync } from "node:child_process";
import { testNet } from "./test-net.ts";

/** A cable from this machine to a guest: the guest plugs itself in by `name`. */
export class Tap implements Disposable {
  readonly name: string;
  /** Of this machine. */
  readonly near: string;
  /** Of the guest. */
  readonly far: string;

  /** @throws Error without root, or where the kernel has no such cables. */
  constructor() {
    const { id, near, far } = testNet();
    this.name = `rwt${id}`;
    this.near = near;
    this.far = far;
    ip("tuntap", "add", "dev", this.name, "mode", "tap");
    ip("addr", "add", `${near}/29`, "dev", this.name);
    ip("link", "set", this.name, "up");
  }

  [Symbol.dispose](): void {
    ip("link", "del", this.name);
  }
}

function ip(...args: readonly string[]): void {
  execFileSync("ip", [...args], { stdio: "pipe" });
}
