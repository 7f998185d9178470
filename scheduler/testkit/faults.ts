import { type Cluster, ClusterError, type ClusterErrorCode } from '../../kubernetes/cluster.ts'

type Method = 'patch' | 'bind' | 'get' | 'create'
/** What happens instead of the call, which it may make itself. */
export type Fault = (call: () => Promise<unknown>) => Promise<unknown>

export interface FaultyCluster {
  readonly cluster: Cluster
  /** The next call of that method (on that kind, if named) goes wrong this way; calls after it go as they should. */
  next(method: Method, fault: Fault, kind?: string): void
  /** Every call from now on. */
  always(method: Method, fault: Fault): void
  /** "method kind" of each call so far. */
  readonly calls: string[]
}

export function faulty(cluster: Cluster): FaultyCluster {
  const once: { method: Method; fault: Fault; kind: string | undefined }[] = []
  const ever = new Map<Method, Fault>()
  const calls: string[] = []
  const through = (method: Method, kind: string, call: () => Promise<unknown>): Promise<never> => {
    calls.push(`${method} ${kind}`)
    const index = once.findIndex((planned) => planned.method === method && (planned.kind ?? kind) === kind)
    const fault = index < 0 ? ever.get(method) : once.splice(index, 1)[0]?.fault
    return (fault === undefined ? call() : fault(call)) as Promise<never>
  }
  const faultyMethods: Pick<Cluster, Method> = {
    get: (kind, ref) => through('get', kind, () => cluster.get(kind, ref)),
    patch: (kind, ref, patch, options) => through('patch', kind, () => cluster.patch(kind, ref, patch, options)),
    create: (kind, object, options) => through('create', kind, () => cluster.create(kind, object, options)),
    bind: (binding) => through('bind', 'Pod', () => cluster.bind(binding)),
  }
  const rest = new Proxy(cluster, {
    get(target, name) {
      if (name in faultyMethods) return faultyMethods[name as Method]
      const member: unknown = Reflect.get(target, name)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
  return {
    cluster: rest,
    calls,
    next: (method, fault, kind) => void once.push({ method, fault, kind }),
    always: (method, fault) => void ever.set(method, fault),
  }
}

/** Refused before anything was done. */
export function refusedWith(code: ClusterErrorCode, options: { retryAfterSeconds?: number } = {}): Fault {
  return () => Promise.reject(new ClusterError(code, `refused by the test: ${code}`, options))
}

/** Done, but the answer is lost. */
export const lostReply: Fault = async (call) => {
  await call()
  throw new ClusterError('TIMEOUT', 'the answer was lost')
}

/** Never done, never answered. */
export const silence: Fault = () => new Promise(() => undefined)
