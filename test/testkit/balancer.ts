import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A plain TCP load balancer, as a Kubernetes Service is one: each connection goes to the next replica that answers. */
export interface Balancer {
  readonly port: number
  readonly url: string
  stop(): Promise<void>
}

/** @param replicaPorts of the moment: a replica that is started anew may have another */
export async function startBalancer(replicaPorts: () => readonly number[]): Promise<Balancer> {
  const open = new Set<Socket>()
  let next = 0
  const server = createServer((client) => {
    const ports = replicaPorts()
    const first = next++ % Math.max(1, ports.length)
    void forward(client, [...ports.slice(first), ...ports.slice(0, first)])
  })

  async function forward(client: Socket, ports: readonly number[]): Promise<void> {
    keep(client)
    for (const port of ports) {
      const replica = connect(port, '127.0.0.1')
      try {
        await once(replica, 'connect')
      } catch {
        continue
      }
      keep(replica)
      client.pipe(replica).pipe(client)
      // Half of a connection is of no use: whoever is left is told at once.
      for (const [one, other] of [
        [client, replica],
        [replica, client],
      ] as const)
        one.once('close', () => other.destroy())
      return
    }
    client.destroy()
  }

  function keep(socket: Socket): void {
    open.add(socket)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => open.delete(socket))
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    async stop() {
      server.close()
      for (const socket of open) socket.destroy()
    },
  }
}
