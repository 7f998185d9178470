import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * Below what systems give to outgoing connections and to whoever asks for any port (from 32768 on Linux,
 * 49152 elsewhere): until they are listened on, the chosen ones would be such.
 */
const FROM = 20_000
const BELOW = 32_000
const MAX_TRIES_PER_PORT = 100

/**
 * Different ports that nobody listens on. None of them is chosen a second time, by this process or another,
 * as long as this one lives: what listens there may start late, be killed and start again.
 */
export async function freeLoopbackPorts(count: number): Promise<number[]> {
  const ports: number[] = []
  for (let tries = 0; ports.length < count; tries += 1) {
    if (tries === count * MAX_TRIES_PER_PORT) throw new Error(`Ports ${FROM} to ${BELOW} of 127.0.0.1 are all in use.`)
    const port = randomInt(FROM, BELOW)
    if ((await reserve(port)) && (await isFree(port))) ports.push(port)
  }
  return ports
}

/**
 * Holds the UDP port of the same number, which none of our programs has a use for: the system gives it to
 * one process only, and takes it back from a dead one.
 */
async function reserve(port: number): Promise<boolean> {
  const holder = createSocket('udp4').unref()
  const isOurs = await isGranted(once(holder.bind(port, '127.0.0.1'), 'listening'))
  if (!isOurs) holder.close()
  return isOurs
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  if (!(await isGranted(once(server.listen(port, '127.0.0.1'), 'listening')))) return false
  await once(server.close(), 'close')
  return true
}

async function isGranted(asked: Promise<unknown>): Promise<boolean> {
  try {
    await asked
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false
    throw error
  }
}
