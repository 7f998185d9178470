import { type Link, LinkError } from '../../../agent/link/link.ts'

export interface CuttableLink {
  through(link: Link): Link
  /** What is under way then is broken off, and what is asked afterwards refused, until it is whole again. */
  setCutOff(isCutOff: boolean): void
}

export function cuttableLink(): CuttableLink {
  let cutting = new AbortController()

  async function passing<T>(signal: AbortSignal, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (cutting.signal.aborted) throw new LinkError('The control plane does not answer: the link is cut.')
    return call(AbortSignal.any([signal, cutting.signal]))
  }

  return {
    through: (link) => ({
      hello: (hello, signal) => passing(signal, (both) => link.hello(hello, both)),
      directives: (name, request, signal) => passing(signal, (both) => link.directives(name, request, both)),
      observe: (name, batch, signal) => passing(signal, (both) => link.observe(name, batch, both)),
      close: link.close,
    }),
    setCutOff(isCutOff) {
      if (isCutOff) cutting.abort()
      else if (cutting.signal.aborted) cutting = new AbortController()
    },
  }
}
