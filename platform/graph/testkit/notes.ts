import { createReadStream } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createEventSource, type EventSource } from '../../../gateway/testkit/eventSource.ts'
import { testDatabase } from '../../../test/testkit/database.ts'
import { testDeps } from '../../../test/testkit/subgraph.ts'
import type { Database } from '../../database/database.ts'
import type { Tokens } from '../../identity/identity.ts'
import type { Wakeups } from '../../wakeups.ts'
import type { GraphContext } from '../context.ts'
import { forbidden, notFound, refuse } from '../errors.ts'
import { buildSubgraph, type HostedSubgraph } from '../subgraph.ts'

export interface Note {
  id: string
  text: string
}

/** A small subgraph with a bit of everything that the port has, on a database of its own. */
export interface Notes {
  subgraph: HostedSubgraph
  tokens: Tokens
  database: Database
  wakeups: Wakeups
  /** What is pushed here is what subscribers get. */
  written: EventSource<{ cursor: string; note: Note }>
  notes: Map<string, Note>
  /** What its log was told is not ours to look at; what left it is. */
  exportText: string
}

export async function startNotes(): Promise<Notes> {
  const opened = await testDatabase('jobs')
  const deps = testDeps(opened)
  const notes = new Map<string, Note>([['note_1', { id: 'note_1', text: 'milk' }]])
  const written = createEventSource<{ cursor: string; note: Note }>()
  const folder = await mkdtemp(join(tmpdir(), 'sluice-notes-'))
  const exportText = 'id,text\nnote_1,milk\n'
  await writeFile(join(folder, 'notes.csv'), exportText)
  const subgraph = buildSubgraph(
    { ...deps, log: deps.log.child({}, { level: 'silent' }) },
    {
      name: 'jobs',
      schema: new URL('notes.graphql', import.meta.url),
      context: (base) => base,
      follows: [],
      resolvers: resolversOf(notes, written),
      async hello({ name }) {
        if (name === 'west') throw refuse('BAD_USER_INPUT', 'West is taken.')
        return { clusterId: `cluster_${name}` }
      },
      async download(id, identity) {
        if (id !== 'export_1' || identity.kind !== 'operator') return null
        return {
          fileName: 'notes of März.csv',
          contentType: 'text/csv',
          sizeBytes: Buffer.byteLength(exportText),
          content: () => createReadStream(join(folder, 'notes.csv')),
          discard: () => {},
        }
      },
    },
  )
  onTestFinished(async () => {
    await subgraph.stop()
    await rm(folder, { recursive: true })
  })
  return { subgraph, tokens: deps.subgraphTokens, ...opened, written, notes, exportText }
}

function resolversOf(notes: Map<string, Note>, written: EventSource<{ cursor: string; note: Note }>) {
  const noteOf = (id: string) => {
    const note = notes.get(id)
    if (note === undefined) throw notFound('note of this id')
    return note
  }
  return {
    Query: {
      note: (_: unknown, { id }: { id: string }) => noteOf(id),
      caller: (_: unknown, _arguments: unknown, { identity, requestId }: GraphContext) =>
        `${identity.subject} ${requestId}`,
      broken: () => {
        throw new Error('password=hunter2')
      },
    },
    Mutation: {
      writeNote(_: unknown, { text }: { text: string }) {
        const note = { id: `note_${notes.size + 1}`, text }
        notes.set(note.id, note)
        return note
      },
    },
    Subscription: {
      written: {
        subscribe(_: unknown, { after }: { after?: string }) {
          if (after === 'gone') throw refuse('CURSOR_EXPIRED', 'That history is gone.')
          return written.listen()
        },
        resolve: (event: unknown) => event,
      },
    },
    Note: {
      __resolveReference: async ({ id }: { id: string }) => noteOf(id),
      secret({ text }: Note, _: unknown, { identity }: GraphContext) {
        if (text === 'secret') throw forbidden('read this')
        return `${identity.subject} may`
      },
    },
  }
}
