import { registerHooks } from 'node:module'

/**
 * postgres.js 3.4.9 does not survive a server that is killed. It is mended as it is loaded; so this is to
 * be loaded before whatever imports postgres.
 */
const MENDED: Record<string, { from: string; to: string }[]> = {
  '/node_modules/postgres/src/index.js': [
    // A transaction whose connection has closed would go on with its statements, if only with the rollback of its
    // failure, on whatever that connection has become: one that is just connecting again, or somebody else's.
    {
      from: `new Promise((_, reject) => connection.onclose = reject)`,
      to: `new Promise((_, reject) => connection.onclose = error => (lost = error, reject(error)))`,
    },
    {
      from: `    let savepoints = 0
      , connection
      , prepare = null
`,
      to: `    let savepoints = 0
      , connection
      , prepare = null
      , lost = null
`,
    },
    {
      from: `        q.catch(e => uncaughtError || (uncaughtError = e))
`,
      to: `        q.catch(e => uncaughtError || (uncaughtError = e))
        if (lost)
          return q.reject(lost)
`,
    },
  ],
  '/node_modules/postgres/src/connection.js': [
    // What comes between the socket's end and the transaction's hearing of it would be written to null, from a
    // timer, and so end the program.
    {
      from: `    if (terminated)
      return queryError(q, Errors.connection('CONNECTION_DESTROYED', options))
`,
      to: `    if (terminated)
      return queryError(q, Errors.connection('CONNECTION_DESTROYED', options))

    if (socket === null)
      return queryError(q, Errors.connection('CONNECTION_CLOSED', options))
`,
    },
    // A statement that waits to be written when the socket closes is forgotten, but not that it waits: the next
    // life of the connection would believe a write to be on its way and never write anything.
    {
      from: `    clearImmediate(nextWriteTimer)
    socket.removeListener('data', data)`,
      to: `    clearImmediate(nextWriteTimer)
    chunk = nextWriteTimer = null
    socket.removeListener('data', data)`,
    },
    // What was sent between the socket's error and its close would never be answered, and in the next life of the
    // connection be given the answers of others.
    {
      from: `!hadError && (query || sent.length) && error(`,
      to: `if (query || sent.length) error(`,
    },
    // A new connection first asks for the types of arrays, and nobody waits for that answer: its failure would end
    // the program. Lost amid it, the question would stand in the way of the connection's next life.
    {
      from: `return fetchArrayTypes()`,
      to: `return fetchArrayTypes().catch(() => {})`,
    },
    {
      from: `    if (initial)
      return reconnect()
`,
      to: `    if (initial) {
      query && query !== initial && query.reject(Errors.connection('CONNECTION_CLOSED', options))
      query = results = errorResponse = null
      result = new Result()
      return reconnect()
    }
`,
    },
  ],
}

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context)
    const mends = Object.entries(MENDED).find(([path]) => url.endsWith(path))?.[1]
    return mends ? { ...loaded, source: mends.reduce(replaceOnce, String(loaded.source)) } : loaded
  },
})

/** @throws Error where another version of the driver is installed than the one that is mended */
function replaceOnce(source: string, { from, to }: { from: string; to: string }): string {
  const parts = source.split(from)
  if (parts.length !== 2) throw new Error('postgres.js is not the version that mendDriver.ts mends')
  return parts.join(to)
}
