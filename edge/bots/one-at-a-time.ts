/** Work that is under way once at most; asked for meanwhile it is done again afterwards. */
export class OneAtATime<Result> {
  readonly #work: () => Promise<Result>;
  #running: Promise<Result> | undefined;
  #isAsked = false;

  constructor(work: () => Promise<Result>) {
    this.#work = work;
  }

  /** What the work gave that began after this call. */
  run(): Promise<Result> {
    this.#isAsked = true;
    return (this.#running ??= this.#loop().finally(() => (this.#running = undefined)));
  }

  async #loop(): Promise<Result> {
    for (;;) {
      this.#isAsked = false;
      const result = await this.#work();
      if (!this.#isAsked) return result;
    }
  }
}
