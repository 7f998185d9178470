import { readFileSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { buildSubgraphSchema } from '@apollo/subgraph'
import {
  type DocumentNode,
  type ExecutionResult,
  type GraphQLSchema,
  getOperationAST,
  type OperationTypeNode,
  parse,
} from 'graphql'
import type { DomainClock, WallClock } from '../clock.ts'
import type { Database } from '../database/database.ts'
import { type FactsFeed, factsFeed } from '../facts/facts.ts'
import { type FactsProjection, followFacts, type OnFact, type OnFacts } from '../facts/projection.ts'
import { feedHead } from '../feeds/feeds.ts'
import type { Identity } from '../identity/identity.ts'
import { TokenError, type Tokens } from '../identity/identity.ts'
import type { Ids } from '../ids.ts'
import { directivesFeed, readDirectives } from '../link/directives.ts'
import { applyBatch, type ObservationHandlers } from '../link/observations.ts'
import type {
  BatchAnswer,
  ClusterHello,
  DirectivesPage,
  DirectivesRequest,
  HelloOutcome,
  ObservationBatch,
  SubgraphName,
} from '../link/protocol.ts'
import type { Log } from '../log.ts'
import { startRetention } from '../retention/retention.ts'
import { commonTasks, KEPT_FOR, type RetentionTask } from '../retention/tasks.ts'
import { record, secondsSince } from '../telemetry/metrics.ts'
import { inSpan, type SpanOptions } from '../telemetry/spans.ts'
import type { Wakeups } from '../wakeups.ts'
import { createAccess } from './access.ts'
import { createContext, type GraphContext } from './context.ts'
import { executeRequest } from './execution.ts'
import { outcomeOf } from './outcome.ts'
import { restrictScalars } from './scalars.ts'

/** What a subgraph is given; adapters differ by role, the subgraph does not know which it has. */
export interface SubgraphDeps {
  database: Database
  wakeups: Wakeups
  /** Domain time. */
  clock: Pick<DomainClock, 'nowMs'>
  wall: WallClock
  ids: Ids
  log: Log
  /** Verifies the identity that the gateway signed. */
  subgraphTokens: Tokens
  /** Folder for finished exports. */
  exportsDir: string
  /** Where clients reach the gateway, for URLs in answers. */
  publicUrl: () => string
}

export interface SubgraphRequest {
  document: DocumentNode
  variables?: Record<string, unknown> | undefined
  operationName?: string | undefined
  identityToken: string
  requestId: string
  /** From another process; within one the trace goes on by itself. */
  traceparent?: string | undefined
}

/** A subgraph as the gateway and the other subgraphs use it: by function call, or over HTTP where it runs apart. */
export interface Subgraph {
  readonly name: SubgraphName
  /** SDL for composition: the shared types and its own. */
  readonly typeDefs: string
  execute(request: SubgraphRequest): Promise<ExecutionResult | AsyncGenerator<ExecutionResult, void, void>>
  readonly facts: FactsFeed
  readonly link: SubgraphLink
  /** Metering: a finished export, if the caller may have it; null otherwise. */
  download?(exportId: string, identityToken: string): Promise<Download | null>
  stop(): Promise<void>
}

/** A subgraph in this process. */
export interface HostedSubgraph extends Subgraph {
  /** For hosts that validate what they are sent. */
  readonly schema: GraphQLSchema
  /** Begins to follow the others' facts; called once, when it is known where all of them are. */
  follow(feeds: Partial<Record<SubgraphName, FactsFeed>>): void
}

/** Its side of the link to the agents. */
export interface SubgraphLink {
  directives(request: DirectivesRequest, signal: AbortSignal): Promise<DirectivesPage>
  observe(batch: ObservationBatch): Promise<BatchAnswer>
  /** Position of the newest directive to this cluster. */
  head(clusterId: string): Promise<string>
  /** Inventory: makes the cluster known. */
  hello?(hello: ClusterHello): Promise<HelloOutcome>
}

export interface Download {
  fileName: string
  contentType: string
  sizeBytes: number
  /** Reads the file; to be called once at most. */
  content(): Readable
  /** Lets go of what `content` would have read, where it is not called. */
  discard(): void
}

interface SubgraphOptions<Context extends GraphContext> {
  name: SubgraphName
  /** URL of its schema.graphql. */
  schema: URL
  resolvers: Record<string, unknown>
  /** Adds what its resolvers need to the common context. `facts` waits for another subgraph's facts; reads after it see them. */
  context(base: GraphContext, facts: Pick<FactsProjection, 'catchUp'>): Context
  observations?: ObservationHandlers
  /** Whose facts it keeps a projection of. */
  follows: readonly SubgraphName[]
  onFact?: OnFact
  /** All facts of a page at once, where they are many. */
  onFacts?: OnFacts
  hello?: SubgraphLink['hello']
  download?(exportId: string, identity: Identity): Promise<Download | null>
  /** What it keeps for some time, beside what every subgraph does. */
  retention?: readonly RetentionTask[]
  /** Ends what it started by itself. */
  stop?(): Promise<void>
}

const SHARED_TYPES = readFileSync(new URL('shared.graphql', import.meta.url), 'utf8')

/** SDL of the subgraph with this schema.graphql: the shared types and its own. */
export function typeDefsOf(schema: URL): string {
  return `${SHARED_TYPES}\n${readFileSync(schema, 'utf8')}`
}

/** Schema, context, masking, facts and link of a subgraph, made once for whichever host it runs in. */
export function buildSubgraph<Context extends GraphContext>(
  deps: SubgraphDeps,
  options: SubgraphOptions<Context>,
): HostedSubgraph {
  const { database, wakeups, log } = deps
  const { name } = options
  const typeDefs = typeDefsOf(options.schema)
  const schema = buildSubgraphSchema([{ typeDefs: parse(typeDefs), resolvers: options.resolvers as never }])
  restrictScalars(schema)
  const access = createAccess({ database, wall: deps.wall })
  let projection: FactsProjection | undefined
  /** A request that waits for facts holds no connection meanwhile: those who bring them need one. */
  const factsFor = (context: GraphContext): Pick<FactsProjection, 'catchUp'> => ({
    async catchUp(source, timeoutMs) {
      await context.refresh()
      return projection ? projection.catchUp(source, timeoutMs) : false
    },
  })

  async function openContext({ identityToken, requestId }: SubgraphRequest): Promise<Context> {
    const identity = await deps.subgraphTokens.verify(identityToken)
    await access.check(identity)
    // Agents speak over the link alone: the graph is for people and their programs.
    if (identity.kind === 'agent') throw new TokenError('TOKEN_INVALID', 'An agent has no business in the graph.')
    const base = createContext({ identity, identityToken, requestId, database, clock: deps.clock, ids: deps.ids, log })
    return options.context(base, factsFor(base))
  }

  const retention = startRetention({
    ...deps,
    tasks: [...commonTasks(KEPT_FOR), ...(options.retention ?? [])],
  })
  const facts = factsFeed(database, wakeups)
  const { hello, download } = options
  return {
    name,
    typeDefs,
    schema,
    facts,
    async execute(request) {
      const startMs = performance.now()
      const type: `${OperationTypeNode}` =
        getOperationAST(request.document, request.operationName)?.operation ?? 'query'
      const execution = { schema, request, openContext: () => openContext(request), access, wall: deps.wall, log }
      const { traceparent } = request
      const span: SpanOptions = {
        scope: name,
        kind: 'SERVER',
        attributes: { 'graphql.operation.type': type },
        ...(traceparent !== undefined && { parent: traceparent }),
      }
      const result = await inSpan(type, span, () => executeRequest(execution))
      const labels = { subgraph: name, type, outcome: outcomeOf(result) }
      record('sluice_subgraph_execution_duration_seconds', labels, secondsSince(startMs))
      return result
    },
    follow(feeds) {
      // Everybody's requests are refused by what tenants says of members.
      const sources = new Set<SubgraphName>([...options.follows, 'tenants'])
      const followed = Object.fromEntries(
        [...sources].map((source) => [source, source === name ? facts : feeds[source]]),
      )
      projection = followFacts({
        database,
        feeds: followed,
        wall: deps.wall,
        log,
        onApplied: options.onFact,
        onAppliedAll: options.onFacts,
        onCommitted: access.learn,
      })
      access.begin(projection)
    },
    link: {
      directives: (request, signal) => readDirectives(database, wakeups, request, signal),
      observe: (batch) =>
        applyBatch(database, batch, options.observations ?? NOTHING_OBSERVED, {
          log,
          now: () => new Date(deps.clock.nowMs()),
        }),
      head: (clusterId) => database.read({ role: 'ingest' }, (tx) => feedHead(tx, directivesFeed(clusterId))),
      ...(hello ? { hello } : {}),
    },
    ...(download && {
      download: async (exportId, identityToken) => download(exportId, await deps.subgraphTokens.verify(identityToken)),
    }),
    async stop() {
      access.stop()
      await options.stop?.()
      await retention.stop()
      await projection?.stop()
      await database.close()
    },
  }
}

const NOTHING_OBSERVED: ObservationHandlers = { applyAll: async () => {}, resyncEnd: async () => {} }
