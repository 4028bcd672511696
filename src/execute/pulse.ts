/** When something last got on at a destination registry, whichever copy of the run it was for. */
export class Pulse {
  /** Copies to several destinations no longer wait for it: what is left for it comes by itself. */
  isLeftBehind = false;
  /** Milliseconds of `performance.now()`. */
  #beatAt = performance.now();

  get beatAt(): number {
    return this.#beatAt;
  }

  /** Something arrived there, or was found there. */
  beat(): void {
    this.#beatAt = performance.now();
    this.isLeftBehind = false;
  }
}
