import { text } from 'node:stream/consumers'
import { type ExecutionResult, parse } from 'graphql'
import { describe, expect, test } from 'vitest'
import { untilSettled } from '../../../test/testkit/database.ts'
import { member, operator } from '../../../test/testkit/subgraph.ts'
import { publishFact } from '../../facts/facts.ts'
import type { Claims } from '../../identity/identity.ts'
import { putDirective } from '../../link/directives.ts'
import type { Subgraph } from '../subgraph.ts'
import { type Notes, startNotes } from './notes.ts'

type Stream = AsyncGenerator<ExecutionResult, void, void>

const ALICE = member('tenant_1', 'developer')
const BATCH = { clusterId: 'cluster_1', epoch: 1, number: 1, through: '2026-01-01T00:00:00.000Z', records: [] }
const WRITTEN = 'subscription { written { cursor note { text secret } } }'

/**
 * What the gateway and other subgraphs rely on, however a subgraph is reached.
 * @param connect ends what it opens with the test
 */
export function subgraphContract(adapter: string, connect: (notes: Notes) => Promise<Subgraph>): void {
  async function start() {
    const notes = await startNotes()
    const subgraph = await connect(notes)
    const execute = async (as: Claims, query: string, variables?: Record<string, unknown>, requestId = 'request-1') =>
      subgraph.execute({
        document: parse(query),
        variables,
        identityToken: await notes.tokens.issue(as, 60),
        requestId,
      })
    return {
      ...notes,
      subgraph,
      execute,
      /** As JSON: null prototypes and the like are nobody's business. */
      async ask(as: Claims, query: string, variables?: Record<string, unknown>) {
        const result = await execute(as, query, variables)
        if (Symbol.asyncIterator in result) throw new Error('a stream came')
        return JSON.parse(JSON.stringify(result)) as { data?: unknown; errors?: Record<string, unknown>[] }
      },
      async subscribe(as: Claims, query: string, variables?: Record<string, unknown>): Promise<Stream> {
        const result = await execute(as, query, variables)
        if (Symbol.asyncIterator in result) return result
        throw new Error(`no stream: ${JSON.stringify(result)}`)
      },
    }
  }

  describe(`a subgraph ${adapter}`, () => {
    test('answers with the values of variables, as whoever the operation speaks for', async () => {
      const { ask } = await start()
      const query = 'query Both($id: ID!) { note(id: $id) { text secret } caller }'
      const [mine, hers] = await Promise.all([
        ask(ALICE, query, { id: 'note_1' }),
        ask(operator, query, { id: 'note_1' }),
      ])
      expect(mine).toEqual({
        data: { note: { text: 'milk', secret: 'developer@acme may' }, caller: 'developer@acme request-1' },
      })
      expect(hers.data).toMatchObject({ caller: 'olga request-1' })
    })

    test('an error it expects keeps its words, code and path, beside what else was asked for', async () => {
      const { ask } = await start()
      expect(await ask(ALICE, 'query { caller note(id: "note_9") { text } }')).toEqual({
        data: { caller: 'developer@acme request-1', note: null },
        errors: [
          expect.objectContaining({
            message: 'There is no note of this id.',
            path: ['note'],
            extensions: { code: 'NOT_FOUND', requestId: 'request-1' },
          }),
        ],
      })
    })

    test('any other error says nothing of the inside', async () => {
      const { ask } = await start()
      const answer = await ask(ALICE, 'query { broken }')
      expect(answer).toMatchObject({
        data: { broken: null },
        errors: [{ path: ['broken'], extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'request-1' } }],
      })
      expect(JSON.stringify(answer)).not.toMatch(/hunter2|stack|\.ts/)
    })

    test('a variable that does not fit is the caller’s to mend', async () => {
      const { ask } = await start()
      for (const variables of [{}, { id: { no: 'id' } }]) {
        const { errors } = await ask(ALICE, 'query ($id: ID!) { note(id: $id) { text } }', variables)
        expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
      }
    })

    test('entities are found by their keys', async () => {
      const { ask } = await start()
      const query = 'query ($of: [_Any!]!) { _entities(representations: $of) { ... on Note { text } } }'
      expect(await ask(ALICE, query, { of: [{ __typename: 'Note', id: 'note_1' }] })).toEqual({
        data: { _entities: [{ text: 'milk' }] },
      })
    })

    test('a mutation is made once', async () => {
      const { ask, notes } = await start()
      expect(await ask(ALICE, 'mutation { writeNote(text: "eggs") { id } }')).toEqual({
        data: { writeNote: { id: 'note_2' } },
      })
      expect(notes.size).toBe(2)
    })

    test('a token that is none of ours, has expired, or is an agent’s opens nothing', async () => {
      const { subgraph, tokens } = await start()
      const agent = await tokens.issue({ kind: 'agent', subject: 'agent', cluster: 'east' }, 60)
      const expired = await tokens.issue(ALICE, -1)
      const codes = []
      for (const identityToken of ['nonsense', agent, expired]) {
        for (const query of ['query { caller }', WRITTEN]) {
          const request = { document: parse(query), identityToken, requestId: 'request-1' }
          const result = (await subgraph.execute(request)) as ExecutionResult
          codes.push(result.errors?.[0]?.extensions.code)
        }
      }
      const [invalid, over] = ['TOKEN_INVALID', 'TOKEN_EXPIRED']
      expect(codes).toEqual([invalid, invalid, invalid, invalid, over, over])
    })

    describe('streams', () => {
      const event = (number: number, text = `note ${number}`) => ({
        cursor: `c${number}`,
        note: { id: `note_${number}`, text },
      })

      test('each subscriber gets every event, as itself', async () => {
        const { subscribe, written } = await start()
        const [mine, hers] = [await subscribe(ALICE, WRITTEN), await subscribe(operator, WRITTEN)]
        for (const number of [1, 2]) written.push(event(number))
        for (const [stream, who] of [[mine, 'developer@acme'] as const, [hers, 'olga'] as const]) {
          for (const number of [1, 2]) {
            expect((await stream.next()).value).toMatchObject({
              data: { written: { cursor: `c${number}`, note: { text: `note ${number}`, secret: `${who} may` } } },
            })
          }
        }
      })

      test('an error of one event is that event’s alone', async () => {
        const { subscribe, written } = await start()
        const stream = await subscribe(ALICE, WRITTEN)
        written.push(event(1, 'secret'))
        written.push(event(2))
        const refused = (await stream.next()).value
        expect(refused).toMatchObject({ data: { written: { cursor: 'c1', note: { secret: null } } } })
        expect(refused?.errors?.[0]?.extensions).toEqual({ code: 'FORBIDDEN', requestId: 'request-1' })
        expect((await stream.next()).value?.errors).toBeUndefined()
      })

      test('one that is refused at once is a result, and no stream', async () => {
        const { ask } = await start()
        expect(await ask(ALICE, 'subscription { written(after: "gone") { cursor } }')).toMatchObject({
          errors: [{ message: 'That history is gone.', extensions: { code: 'CURSOR_EXPIRED' } }],
        })
      })

      test('one whose source fails says so, masked, and ends', async () => {
        const { subscribe, written } = await start()
        const stream = await subscribe(ALICE, WRITTEN)
        written.fail(new Error('disk 7 is full'))
        const last = (await stream.next()).value
        expect(last?.errors?.[0]?.extensions.code).toBe('INTERNAL_SERVER_ERROR')
        expect(JSON.stringify(last)).not.toContain('disk')
        expect((await stream.next()).done).toBe(true)
      })

      test('leaving ends the source, also while waiting', async () => {
        const { subscribe, written } = await start()
        const streams = [await subscribe(ALICE, WRITTEN), await subscribe(ALICE, WRITTEN)]
        const waiting = streams[0]?.next()
        expect(written.listeners).toBe(2)
        for (const stream of streams) await stream.return()
        expect((await waiting)?.done).toBe(true)
        await expect.poll(() => written.listeners).toBe(0)
      })
    })

    describe('the link', () => {
      const endless = AbortSignal.any([])
      const request = { clusterId: 'cluster_1', limit: 10, waitMs: 20_000 }
      const body = {
        namespace: 't-acme-research',
        tenantId: 'tenant_1',
        tenantSlug: 'acme',
        projectId: 'p',
        projectSlug: 'research',
      }

      test('directives are given at once, and held for while there are none', async () => {
        const { subgraph, database } = await start()
        const held = subgraph.link.directives(request, endless)
        await database.write({ role: 'ingest' }, (tx) =>
          putDirective(tx, 'cluster_1', { kind: 'Namespace', key: 't-acme-research', tenantId: 'tenant_1', body }),
        )
        const { directives, position } = await held
        expect(directives).toMatchObject([{ kind: 'Namespace', key: 't-acme-research', body }])
        expect(await subgraph.link.head('cluster_1')).toBe(position)
      })

      test('a request that nobody waits for any more ends', async () => {
        const { subgraph } = await start()
        const leaving = new AbortController()
        const held = subgraph.link.directives(request, leaving.signal).then(
          ({ directives }) => directives.length,
          () => 0,
        )
        leaving.abort()
        expect(await held).toBe(0)
      })

      test('a batch of observations is applied once, and a gap is told', async () => {
        const { subgraph } = await start()
        expect(await subgraph.link.observe(BATCH)).toEqual({ outcome: 'applied', quarantined: 0 })
        expect(await subgraph.link.observe(BATCH)).toMatchObject({ outcome: 'applied' })
        expect(await subgraph.link.observe({ ...BATCH, number: 9 })).toMatchObject({ outcome: 'gap' })
      })

      test('a hello is answered, or refused with the reason', async () => {
        const { subgraph } = await start()
        const hello = (name: string) => subgraph.link.hello?.({ name, kubernetesVersion: 'v1.36.3' })
        expect(await hello('east')).toEqual({ clusterId: 'cluster_east' })
        await expect(hello('west')).rejects.toMatchObject({
          message: 'West is taken.',
          extensions: { code: 'BAD_USER_INPUT' },
        })
      })
    })

    test('facts are read from where the reader was, and it is told of new ones', async () => {
      const { subgraph, database } = await start()
      const tenant = { id: 'tenant_1', slug: 'acme', name: 'Acme' }
      const publish = (name: string) =>
        database.write({ role: 'ingest' }, (tx) => publishFact(tx, 'tenant', null, { ...tenant, name }))
      await publish('Acme')
      const changed = Promise.withResolvers<void>()
      const off = subgraph.facts.onChange(changed.resolve)
      await untilSettled(database)
      const first = await subgraph.facts.read(undefined, 10)
      expect(first.entries).toMatchObject([{ kind: 'tenant', key: 'tenant_1', body: tenant }])
      await publish('Acme and Sons')
      await changed.promise
      off()
      await expect
        .poll(async () => (await subgraph.facts.read(first.position, 10)).entries)
        .toMatchObject([{ body: { name: 'Acme and Sons' } }])
      expect(await subgraph.facts.head()).not.toBe(first.position)
    })

    test('an export is given to whoever may have it, and is not there for anybody else', async () => {
      const { subgraph, tokens, exportText } = await start()
      const download = async (as: Claims, id = 'export_1') => subgraph.download?.(id, await tokens.issue(as, 60))
      const given = await download(operator)
      expect(given).toMatchObject({
        fileName: 'notes of März.csv',
        contentType: 'text/csv',
        sizeBytes: exportText.length,
      })
      expect(given && (await text(given.content()))).toBe(exportText)
      expect(await download(ALICE)).toBeNull()
      expect(await download(operator, '../etc/passwd')).toBeNull()
      await expect(subgraph.download?.('export_1', 'nonsense')).rejects.toThrow(/not one of ours/)
    })
  })
}
