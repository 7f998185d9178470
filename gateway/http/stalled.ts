import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Ends connections whose clients have taken nothing for `forMs` of what waits for them: what is held
 * for them (a file, a stream, memory) would otherwise be held as long as they like. Node's own
 * timeouts look only at what a client sends.
 */
export function endStalled(server: Server, forMs: number): { stop(): void } {
  /** What each had taken when we looked last. */
  const taken = new Map<Socket, number>()
  server.on('connection', (socket: Socket) => {
    taken.set(socket, 0)
    socket.once('close', () => taken.delete(socket))
  })

  const sweep = setInterval(() => {
    for (const [socket, before] of taken) {
      const now = socket.bytesWritten - socket.writableLength
      if (socket.writableLength > 0 && now === before) socket.destroy()
      taken.set(socket, now)
    }
  }, forMs)
  sweep.unref()
  return { stop: () => clearInterval(sweep) }
}
