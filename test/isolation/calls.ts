import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql'
import { pageOf, selectionOf } from './selections.ts'

/** An operation with one place that something of another tenant is put into. */
export interface Call {
  /** Root field and place, such as `Mutation.submitJob(input.projectId)`. */
  name: string
  kind: 'Query' | 'Mutation' | 'Subscription'
  query: string
  /** Variables with `value` in the place. */
  variables(value: string): Record<string, unknown>
  /** Holds an id; otherwise a name. */
  isId: boolean
  /** A mutation that only tries. */
  isDryRun: boolean
}

type Input = GraphQLArgument | GraphQLInputField
/** What a caller sends of its own for each input that it must give, by the input's name or else its type's. */
export type OwnValues = Record<string, unknown>

const OPERATIONS = { Query: 'query', Mutation: 'mutation', Subscription: 'subscription' } as const

/** Every root field once for each place in its arguments that could name an object; none is left out. */
export function callsOf(schema: GraphQLSchema, kind: Call['kind'], own: OwnValues): Call[] {
  const root = {
    Query: schema.getQueryType(),
    Mutation: schema.getMutationType(),
    Subscription: schema.getSubscriptionType(),
  }
  return Object.values(root[kind]?.getFields() ?? {}).flatMap((field) => {
    const attempts = kind === 'Mutation' ? [true, false] : [false]
    return placesIn(field.args).flatMap((place) =>
      attempts.map((isDryRun) => callOf({ schema, kind, field, place, own, isDryRun })),
    )
  })
}

/** Every root field that can be called without naming anything. */
export function plainCallsOf(schema: GraphQLSchema): { name: string; query: string }[] {
  return Object.values(schema.getQueryType()?.getFields() ?? {})
    .filter(({ args }) => !args.some(isRequiredArgument))
    .map(({ name, type, args }) => ({ name, query: `query { ${name}${pageOf(args)} ${selectionOf(schema, type)} }` }))
}

/** Fields below the root that take an id: none of the calls above would reach them. */
export function innerFieldsWithIds(schema: GraphQLSchema): string[] {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]
  return Object.values(schema.getTypeMap())
    .filter((type) => 'getFields' in type && !isInputObjectType(type) && !roots.includes(type as never))
    .flatMap((type) =>
      Object.values((type as { getFields(): Record<string, GraphQLField<unknown, unknown>> }).getFields())
        .filter(({ args }) => placesIn(args).some(({ isId }) => isId))
        .map(({ name }) => `${type.name}.${name}`),
    )
}

interface Place {
  path: string[]
  isId: boolean
}

/** Ids, and names by which an object is looked up. */
function placesIn(inputs: readonly Input[]): Place[] {
  return inputs.flatMap(({ name, type }) => {
    const named = getNamedType(type)
    if (isInputObjectType(named)) {
      return placesIn(Object.values(named.getFields())).map(({ path, isId }) => ({ path: [name, ...path], isId }))
    }
    if (named.name === 'ID') return [{ path: [name], isId: true }]
    return NAMES.has(name) ? [{ path: [name], isId: false }] : []
  })
}
const NAMES = new Set(['slug', 'queue'])

interface CallOptions {
  schema: GraphQLSchema
  kind: Call['kind']
  field: GraphQLField<unknown, unknown>
  place: Place
  own: OwnValues
  isDryRun: boolean
}

function callOf({ schema, kind, field, place, own, isDryRun }: CallOptions): Call {
  const args = field.args.filter((arg) => isRequiredArgument(arg) || arg.name === place.path[0])
  const declared = args.map(({ name, type }) => `$${name}: ${type}`).join(', ')
  const page = field.args.some(({ name }) => name === 'first') ? ['first: 5'] : []
  const passed = [...args.map(({ name }) => `${name}: $${name}`), ...page].join(', ')
  const selection = selectionOf(schema, field.type)
  return {
    name: `${kind}.${field.name}(${place.path.join('.')})${isDryRun ? ', a dry run' : ''}`,
    kind,
    query: `${OPERATIONS[kind]} Foreign(${declared}) { ${field.name}(${passed}) ${selection} }`,
    isId: place.isId,
    isDryRun,
    variables: (value) =>
      Object.fromEntries(args.map((arg) => [arg.name, sentAs(arg, { path: place.path, value, own, isDryRun })])),
  }
}

interface Filling {
  /** Where `value` goes, from this input on. */
  path: string[]
  value: string
  own: OwnValues
  isDryRun: boolean
}

function sentAs(input: Input, filling: Filling): unknown {
  const { path, value, own, isDryRun } = filling
  const isOnPath = input.name === path[0]
  const type = getNamedType(input.type)
  if (isInputObjectType(type)) {
    const inner = { ...filling, path: isOnPath ? path.slice(1) : [] }
    const fields = Object.values(type.getFields()).filter(
      (field) => isRequiredInputField(field) || field.name === inner.path[0] || (field.name === 'dryRun' && isDryRun),
    )
    return listed(input.type, Object.fromEntries(fields.map((field) => [field.name, sentAs(field, inner)])))
  }
  if (isOnPath && path.length === 1) return listed(input.type, value)
  if (input.name === 'dryRun') return true
  const known = own[input.name] ?? own[type.name] ?? (isEnumType(type) ? type.getValues()[0]?.name : undefined)
  if (known === undefined) throw new Error(`what to send as ${input.name}: ${input.type} is not known here`)
  return listed(input.type, known)
}

function listed(type: GraphQLInputType, value: unknown): unknown {
  return isListType(isNonNullType(type) ? type.ofType : type) ? [value] : value
}
