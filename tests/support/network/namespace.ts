import { execFileSync } from "node:child_process";
import { testNet } from "./test-net.ts";

/** A network of its own behind a virtual cable: what is done to it no other process of the machine feels. */
export class Namespace implements Disposable {
  readonly name: string;
  /** Of this side, where central listens. */
  readonly near: string;
  /** Of the side where the agent is. */
  readonly far: string;
  readonly #cable: string;

  /**
   * @param cable names of its two ends, when there is one already: a virtual cable is made else.
   * @throws Error without root, or where the kernel has no network namespaces.
   */
  constructor(cable?: { readonly near: string; readonly far: string }) {
    const { id, near, far } = testNet();
    this.name = `rackwatch-${id}`;
    this.#cable = cable?.near ?? `rw${id}`;
    this.near = near;
    this.far = far;
    ip("netns", "add", this.name);
    try {
      if (cable === undefined)
        ip("link", "add", this.#cable, "type", "veth", "peer", "name", `${this.#cable}b`);
      ip("link", "set", cable?.far ?? `${this.#cable}b`, "netns", this.name, "name", "eth0");
      ip("addr", "add", `${this.near}/29`, "dev", this.#cable);
      ip("link", "set", this.#cable, "up");
      this.ip("addr", "add", `${this.far}/29`, "dev", "eth0");
      this.ip("link", "set", "lo", "up");
      this.ip("link", "set", "eth0", "up");
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /** Before a command: it then runs in there. */
  get inside(): readonly string[] {
    return ["ip", "netns", "exec", this.name];
  }

  ip(...args: readonly string[]): void {
    ip("-n", this.name, ...args);
  }

  /** The cable is pulled out, or put back. */
  link(state: "up" | "down"): void {
    this.ip("link", "set", "eth0", state);
  }

  /** What left this side so far, with the heads of packets and what was sent again. */
  sentBytes(): number {
    const [program = "", ...inside] = this.inside;
    const file = "/sys/class/net/eth0/statistics/tx_bytes";
    return Number(execFileSync(program, [...inside, "cat", file], { encoding: "utf8" }));
  }

  /** Rules for packets that come from central (`input`) and that go to it (`output`); without any all pass. */
  filter(rules: { readonly input?: string; readonly output?: string }): void {
    const chain = (hook: "input" | "output", rule: string | undefined) =>
      rule === undefined
        ? ""
        : `chain ${hook} {\ntype filter hook ${hook} priority 0\n${rule}\n}\n`;
    const table = `table ip faults {\n${chain("input", rules.input)}${chain("output", rules.output)}}\n`;
    this.#run("nft", ["-f", "-"], `table ip faults\ndelete table ip faults\n${table}`);
  }

  /** Each packet to this address leaves twice. */
  double(address: string): void {
    this.filter({ output: `ip daddr ${address} dup to ${address} device "eth0"` });
  }

  /** Both directions carry so much. */
  narrow(rate: string): void {
    const bucket = ["root", "tbf", "rate", rate, "burst", "3000", "limit", "30000"];
    this.#run("tc", ["qdisc", "add", "dev", "eth0", ...bucket]);
    execFileSync("tc", ["qdisc", "add", "dev", this.#cable, ...bucket], { stdio: "pipe" });
  }

  [Symbol.dispose](): void {
    ip("netns", "del", this.name);
  }

  #run(command: string, args: readonly string[], input = ""): void {
    const [program = "", ...inside] = this.inside;
    execFileSync(program, [...inside, command, ...args], { input, stdio: "pipe" });
  }
}

function ip(...args: readonly string[]): void {
  execFileSync("ip", [...args], { stdio: "pipe" });
}
