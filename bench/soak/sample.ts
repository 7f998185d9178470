import { readdir, readFile, readlink } from 'node:fs/promises'
import pg from 'pg'
import { runningServer } from '../../platform/postgres/launcher.ts'
import { probe } from '../../test/testkit/probe.ts'
import { descendantsOf } from '../../test/testkit/processTree.ts'
import type { Program } from '../../test/testkit/program.ts'

/** Everything that could grow, by its name with the unit last. */
export type Sample = Record<string, number>

export interface Sampler {
  take(): Promise<Sample>
  close(): Promise<void>
}

interface SamplerOptions {
  dataDir: string
  /** Processes of Node by the role they have. */
  programs: ReadonlyMap<string, Pick<Program, 'pid'>>
  /** Postgres descends from it. */
  databaseParent: Pick<Program, 'pid'>
  probeFile: string
}

export async function createSampler(options: SamplerOptions): Promise<Sampler> {
  const { dataDir, programs, databaseParent, probeFile } = options
  const server = await runningServer(dataDir)
  if (!server) throw new Error('no Postgres runs')
  const client = new pg.Client(server)
  await client.connect()

  return {
    async take() {
      const sample: Sample = {}
      for (const [role, program] of programs) {
        const { heapBytes, externalBytes, resources, loopDelayP99Ms } = await probe(program, probeFile)
        const { files, sockets } = await openFilesOf(program.pid)
        Object.assign(sample, {
          [`${role} PSS MiB`]: await pssMiB(program.pid),
          [`${role} heap MiB`]: round((heapBytes + externalBytes) / 2 ** 20),
          [`${role} files`]: files,
          [`${role} sockets`]: sockets,
          [`${role} timers`]: resources.Timeout ?? 0,
          [`${role} loop delay p99 ms`]: loopDelayP99Ms,
        })
      }
      const servers = await descendantsOf(databaseParent.pid)
      sample['postgres PSS MiB'] = round(await sumOf(servers.map(pssMiB)))
      return { ...sample, ...(await database(client)) }
    },
    close: () => client.end(),
  }
}

async function database(client: pg.Client): Promise<Sample> {
  const connections = await client.query<{ count: number }>(`
    select count(*)::int as count from pg_stat_activity where backend_type = 'client backend'`)
  const tables = await client.query<{ name: string; rows: number; bytes: number }>(`
    select schemaname || '.' || relname as name, n_live_tup::int as rows, pg_total_relation_size(relid)::float8 as bytes
      from pg_stat_user_tables order by 1`)
  const sample: Sample = { 'postgres connections': Number(connections.rows[0]?.count) }
  for (const { name, rows, bytes } of tables.rows) {
    sample[`${name} rows`] = rows
    sample[`${name} KiB`] = Math.round(bytes / 1024)
  }
  return sample
}

/**
 * Proportional set size: memory shared between processes counts once, in parts. Without pages of files: those of the
 * program text are shared with whatever else on the machine runs Node, so they grow when that ends. A process that has
 * ended has none.
 */
async function pssMiB(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '')
  const kB = (kind: string) => Number(new RegExp(`^Pss_${kind}: +(\\d+) kB$`, 'm').exec(rollup)?.[1] ?? 0)
  return round((kB('Anon') + kB('Shmem')) / 1024)
}

async function openFilesOf(pid: number): Promise<{ files: number; sockets: number }> {
  const names = await readdir(`/proc/${pid}/fd`)
  const targets = await Promise.all(names.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => '')))
  return { files: targets.length, sockets: targets.filter((target) => target.startsWith('socket:')).length }
}

async function sumOf(numbers: Promise<number>[]): Promise<number> {
  return (await Promise.all(numbers)).reduce((sum, number) => sum + number, 0)
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
