import { formatPosition, type Position, parsePosition } from './positions.ts'

/** Opaque to clients: version, subgraph, stream, epoch of the log, position. */
export interface EventCursor {
  subgraph: string
  /** Tenant id, or null for all streams (operators). */
  tenantId: string | null
  epoch: string
  position: Position
}

const VERSION = '1'

export class CursorError extends Error {
  /** EXPIRED: the history it points into is gone. INVALID: not one of ours, or of another stream. */
  readonly code: 'CURSOR_EXPIRED' | 'CURSOR_INVALID'
  constructor(code: 'CURSOR_EXPIRED' | 'CURSOR_INVALID', message: string) {
    super(message)
    this.name = 'CursorError'
    this.code = code
  }
}

export function encodeCursor(cursor: EventCursor): string {
  const text = [VERSION, cursor.subgraph, cursor.tenantId ?? '*', cursor.epoch, formatPosition(cursor.position)].join(
    '/',
  )
  return Buffer.from(text).toString('base64url')
}

/** @throws CursorError CURSOR_INVALID */
export function decodeCursor(text: string, subgraph: string): EventCursor {
  const [version, of, stream, epoch, place, ...rest] = Buffer.from(text, 'base64url').toString().split('/')
  const position = place === undefined ? null : parsePosition(place)
  if (version !== VERSION || of !== subgraph || !stream || !epoch || !position || rest.length > 0) {
    throw new CursorError(
      'CURSOR_INVALID',
      'This is no cursor of this stream; take one from an event or from eventsCursor.',
    )
  }
  return { subgraph, tenantId: stream === '*' ? null : stream, epoch, position }
}
