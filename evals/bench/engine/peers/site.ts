import { type Command, installPackages, Program } from "#evals/bench/program";

/** Where one peer is built up: its folder, the witness of its effects, and what was started for it. */
export class Site {
  readonly folder: string;
  /** `127.0.0.1:port`. */
  readonly witness: string;
  readonly #programs: Program[] = [];

  constructor(folder: string, witness: string) {
    this.folder = folder;
    this.witness = witness;
  }

  /** Packages (`name@version`), without running any script of theirs. */
  install(packages: readonly string[]): Promise<void> {
    return installPackages(this.folder, packages);
  }

  /** A program that ends with the site, also when the peer never came up; not started yet. */
  program(command: Command): Program {
    const program = new Program(command);
    this.#programs.push(program);
    return program;
  }

  /** Ends all, the last made first: who uses a database goes before it. */
  async clear(): Promise<void> {
    for (const program of this.#programs.toReversed()) await program.kill();
  }
}
