import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { dataOf } from '../../testkit/answers.ts'
import { startCloud } from '../../testkit/cloud.ts'
import { type Program, runProgram } from '../../testkit/program.ts'
import { until } from '../../testkit/until.ts'

const cloud = await startCloud(afterAll)

/** Clusters beside the first one, whose agents have nothing but a join token. */
describe('a cluster joins', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-join-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }))

  async function joinToken(cluster: string): Promise<string> {
    const printing = runProgram(['token', '--join', cluster], { SLUICE_DATA: cloud.dataDir, SLUICE_URL: cloud.url })
    const [token] = await printing.says(/^sluice_join_\S+$/m)
    return token
  }
  async function agentOf(journal: string, cluster: string, token: string): Promise<Program> {
    const tokenFile = join(folder, `${journal}-token`)
    await writeFile(tokenFile, `${token}\n`)
    const args = ['agent', '--cluster', cluster, '--simulated', '--journal', join(folder, journal)]
    const env = { SLUICE_URL: cloud.url, SLUICE_TOKEN_FILE: tokenFile, SLUICE_OPS_PORT: '0', SLUICE_DATA: folder }
    const program = runProgram(args, env)
    onTestFinished(() => program.kill())
    return program
  }
  interface Clusters {
    clusters: { edges: { node: { id: string; name: string; nodePools: { edges: unknown[] } } }[] }
  }
  async function clusters(): Promise<Map<string, { id: string; pools: number }>> {
    const query = '{ clusters(first: 10) { edges { node { id name nodePools(first: 1) { edges { node { id } } } } } } }'
    const { edges } = dataOf(await cloud.ask<Clusters>(await cloud.operator(), query)).clusters
    return new Map(edges.map(({ node }) => [node.name, { id: node.id, pools: node.nodePools.edges.length }]))
  }
  const untilSeen = (name: string) => until(`${name} is observed`, clusters, (all) => (all.get(name)?.pools ?? 0) > 0)

  test('with its token, and is told apart from another', async () => {
    await agentOf('east', 'east', await joinToken('east'))
    await agentOf('west', 'west', await joinToken('west'))
    await untilSeen('east')
    const all = await untilSeen('west')
    expect(new Set([...all.values()].map(({ id }) => id)).size).toBe(all.size)
  })

  test('and its agent needs the token no more when it starts anew', async () => {
    const first = await agentOf('lasting', 'lasting', await joinToken('lasting'))
    const before = (await untilSeen('lasting')).get('lasting')
    await first.kill()
    const again = await agentOf('lasting', 'lasting', 'sluice_join_thrown-away')
    await again.says(/^Sluice agent is ready/m)
    expect((await clusters()).get('lasting')).toEqual(before)
  })

  test('not with a token for another name, and its agent says why and what to do', async () => {
    const agent = await agentOf('stranger', 'stranger', await joinToken('elsewhere'))
    const told = await until(
      'the agent says why',
      async () => agent.stderr(),
      (text) => text.includes('JOIN_TOKEN_FOR_ANOTHER_CLUSTER'),
    )
    expect(told).toMatch(/"fix/)
    expect((await clusters()).has('stranger')).toBe(false)
  })
})
