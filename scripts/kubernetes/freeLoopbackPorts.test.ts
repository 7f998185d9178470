import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { freeLoopbackPorts } from './freeLoopbackPorts.ts'

test('a chosen port can be listened on, again and again', async () => {
  const [port] = await freeLoopbackPorts(1)
  for (let start = 0; start < 2; start += 1) {
    const server = createServer().listen(port, '127.0.0.1')
    await once(server, 'listening')
    await once(server.close(), 'close')
  }
})

test('it stays chosen, though nobody listens on it yet', async () => {
  const [port] = await freeLoopbackPorts(1)
  const other = createSocket('udp4')
  onTestFinished(() => void other.close())
  await expect(once(other.bind(port, '127.0.0.1'), 'listening')).rejects.toMatchObject({ code: 'EADDRINUSE' })
})

/** So many that by chance alone some would be the same: of 12,000 there are, about 15 pairs. */
const COUNT = 300

test('two processes that choose at once never choose the same', async () => {
  const ports = (await Promise.all([choiceOfAnotherProcess(), choiceOfAnotherProcess()])).flat()
  expect(ports).toHaveLength(2 * COUNT)
  expect(new Set(ports).size).toBe(2 * COUNT)
})

/** Of one that lives, and keeps them, until the test is over. */
async function choiceOfAnotherProcess(): Promise<number[]> {
  const script = `
    const { freeLoopbackPorts } = await import('${new URL('freeLoopbackPorts.ts', import.meta.url)}')
    console.log(JSON.stringify(await freeLoopbackPorts(${COUNT})))
    process.stdin.resume()`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(async () => {
    child.stdin.end()
    if (child.exitCode === null) await once(child, 'exit')
  })
  let text = ''
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    text += chunk
    if (text.endsWith('\n')) break
  }
  return JSON.parse(text) as number[]
}
