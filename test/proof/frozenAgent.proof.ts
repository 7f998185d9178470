import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { LEASE } from '../../agent/election/lease.ts'
import { annotations, labels } from '../../kubernetes/names.ts'
import { agentAccountToken } from '../kubernetes/agentAccount.ts'
import { CLUSTER, type RealCloud, startRealCloud } from '../kubernetes/realCloud.ts'
import { onRealControlPlane, writeKubeconfigAs } from '../kubernetes/realControlPlane.ts'
import { last } from '../kubernetes/records.ts'
import { intervalsOf } from '../testkit/intervals.ts'
import { type Program, runProgram } from '../testkit/program.ts'
import { until } from '../testkit/until.ts'

const GPU_NODES = 2
const BURST = 5
/** A Lease lasts 15 s, and its next holder waits for what the last one may still have under way, 30 s. */
const SUCCESSION_MS = 90_000

/** Two agents as an operator runs them: processes of their own, with the account of agents. */
async function startAgents(cloud: RealCloud): Promise<[Program, Program]> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-agents-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const kubeconfig = join(folder, 'kubeconfig')
  const tokenFile = join(folder, 'token')
  await writeKubeconfigAs(cloud.kubernetes.kubeconfig, { token: await agentAccountToken(cloud.kubernetes) }, kubeconfig)
  await writeFile(tokenFile, await cloud.agentToken(), { mode: 0o600 })
  const start = async () => {
    const program = runProgram(['agent', '--cluster', CLUSTER, '--kubeconfig', kubeconfig], {
      SLUICE_URL: cloud.url,
      SLUICE_TOKEN_FILE: tokenFile,
      SLUICE_DATA: folder,
    })
    onTestFinished(() => program.kill())
    await program.says(/^Sluice agent is ready/m)
    return program
  }
  return [await start(), await start()]
}

onRealControlPlane((controlPlane) => {
  test('a leader that is frozen amid its work and thawed under its successor writes nothing more, and leads again when that is gone', async () => {
    const cloud = await startRealCloud(controlPlane, GPU_NODES)
    onTestFinished(() => cloud.stop())
    const acme = await cloud.tenant('acme')
    await cloud.stopAgent()
    const [first, second] = await startAgents(cloud)
    const holder = async () => (await cloud.cluster.get('Lease', LEASE)).spec?.holderIdentity
    const leader = await holder()
    const epochOf = (id: string | undefined) => {
      const record = cloud.jobs.all().find((each) => last(each).metadata.labels?.[labels.job] === id)
      return record && last(record).metadata.annotations?.[annotations.epoch]
    }
    const wholeNode = { resources: { gpu: { count: 8 } }, runSeconds: 1 }
    const submitBurst = () => Promise.all(Array.from({ length: BURST }, () => acme.submitJob(wholeNode)))

    const ids = await submitBurst()
    await acme.eventsUntil(ids[0] ?? '', 'ADMITTED')
    process.kill(first.pid, 'SIGSTOP')
    ids.push(...(await submitBurst()))
    await until('the other one admits', async () => epochOf(ids[BURST]), Boolean, SUCCESSION_MS)
    const successor = await holder()
    expect(successor).not.toBe(leader)
    process.kill(first.pid, 'SIGCONT')
    for (const id of ids) await acme.eventsUntil(id, 'METERED')
    expect(await holder(), 'the first one has understood').toBe(successor)

    await second.kill()
    const after = await acme.submitJob(wholeNode)
    ids.push(after)
    await until('the first one admits again', async () => epochOf(after), Boolean, SUCCESSION_MS)
    await acme.eventsUntil(after, 'METERED')
    expect(await holder()).not.toBe(successor)

    const epochs = ids.map(epochOf)
    expect(new Set(epochs).size, `terms: ${epochs}`).toBeGreaterThanOrEqual(3)
    const rows = await intervalsOf(cloud, acme)
    const seconds = rows.reduce((sum, row) => sum + Number(row.gpu_seconds), 0)
    expect(seconds).toBe(Number(cloud.kubelet.account().gpuSecondsByTenant.get(acme.id)))
    for (const held of Map.groupBy(rows, ({ device }) => device).values()) {
      const inOrder = held.toSorted((a, b) => a.start.localeCompare(b.start))
      for (const [index, { start }] of inOrder.entries())
        expect(Date.parse(start)).toBeGreaterThanOrEqual(Date.parse(inOrder[index - 1]?.end ?? start))
    }
  })
})
