import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'

/**
 * Below what systems give to outgoing connections and to whoever asks for any port (from 32768 on Linux,
 * 49152 elsewhere): until they are listened on, the chosen ones would be such.
 */
const FROM = 20_000
const BELOW = 32_000

/** Different ports that nobody listens on. Chosen at random, so that two who choose at once do not meet. */
export async function freeLoopbackPorts(count: number): Promise<number[]> {
  const servers = new Map<number, Server>()
  while (servers.size < count) {
    const port = randomInt(FROM, BELOW)
    const server = createServer()
    try {
      await once(server.listen(port, '127.0.0.1'), 'listening')
      servers.set(port, server)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    }
  }
  await Promise.all([...servers.values()].map((server) => once(server.close(), 'close')))
  return [...servers.keys()]
}
