import type { WatchEvent } from '../cluster.ts'
import type { Kind, Kinds } from '../objects.ts'
import { fromConnection, fromStatus, type Status } from './errors.ts'
import { jsonLines } from './jsonLines.ts'
import type { Transport } from './transport.ts'
import { withoutManagedFields } from './wireObjects.ts'

/** What the API server writes, one a line. */
type Line<T> =
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: T }
  | { type: 'BOOKMARK'; object: { metadata: { resourceVersion: string } } }
  | { type: 'ERROR'; object: Status }

/**
 * The changes of one watch. Reading is the back-pressure: while the consumer is busy no more is read from
 * the connection, and a consumer that stops early closes it. Ends with the server's stream, or when `signal` aborts.
 */
export async function* watchEvents<K extends Kind>(
  transport: Transport,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<WatchEvent<Kinds[K]>, void, void> {
  if (signal.aborted) return
  try {
    const chunks = await transport.stream(path, signal)
    for await (const line of jsonLines<Line<Kinds[K]>>(chunks)) yield toEvent(line)
  } catch (error) {
    if (signal.aborted) return
    throw fromConnection(error)
  }
}

function toEvent<K extends Kind>(line: Line<Kinds[K]>): WatchEvent<Kinds[K]> {
  switch (line.type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      return { type: line.type, object: withoutManagedFields(line.object) }
    case 'BOOKMARK':
      return { type: 'BOOKMARK', resourceVersion: line.object.metadata.resourceVersion }
    case 'ERROR':
      // A stream that has begun has had its 200 already: this is the only way to say that it is too old.
      throw fromStatus(line.object.code ?? 500, line.object)
  }
}
