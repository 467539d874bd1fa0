"use strict";

/**
 * What a container does with documents, as Azure Cosmos DB does it.
 *
 * The library's own handlers know only create well; here every operation, alone or in a batch, goes one way. The library
 * still keeps the data and understands the queries.
 */

const { randomUUID } = require("crypto");
const { default: Documents } = require("@vercel/cosmosdb-server/lib/account/documents");
const { default: getValue } = require("@vercel/cosmosdb-server/lib/utils/get-value");
const { patchOperation } = require("@vercel/cosmosdb-server/lib/handler/_patch-operations");

const MAX_BYTES = 2 * 1024 * 1024;
const MAX_BATCH = 100;
const PAGE = 100;

const clock = { ahead: 0, now: () => Math.floor(Date.now() / 1000) + clock.ahead };

// The library takes the first path of a partition key alone. All of them make the partition; a missing value is {}.
Documents.prototype._getPartition = function partitionOf(data) {
  const value = path => getValue(path.slice(1).split("/"), data);
  return JSON.stringify(this._partitionKeyPath.map(path => (value(path) === undefined ? {} : value(path))));
};

const keep = Documents.prototype._set;
Documents.prototype._set = function set(data) {
  return keep.call(this, { ...data, _etag: `"${randomUUID()}"`, _ts: clock.now(), _attachments: "attachments/" });
};

const failed = (status, code, message, substatus) => ({ status, body: { code, message }, substatus });
const missing = () => failed(404, "NotFound", "Entity with the specified id does not exist in the system.");
const outdated = () =>
  failed(412, "PreconditionFailed", "One of the specified pre-condition is not met.");
const mismatch = () =>
  failed(
    400,
    "BadRequest",
    "PartitionKey extracted from document doesn't match the one specified in the header.",
    1001
  );

/** Forgets what has outlived its time; the real service does so in the background. */
function sweep(collection) {
  const { defaultTtl } = collection.read();
  if (defaultTtl === undefined || defaultTtl === null) return;
  const { documents } = collection;
  [...documents._data.values()].forEach(item => {
    const data = item.read();
    const ttl = data.ttl === undefined ? defaultTtl : data.ttl;
    if (ttl > 0 && data._ts + ttl <= clock.now()) documents.delete(data.id, documents._getPartition(data));
  });
}

function refused(body) {
  if (!body || typeof body !== "object" || typeof body.id !== "string" || !body.id) {
    return failed(400, "BadRequest", "One of the specified inputs is invalid: id.");
  }
  if (Buffer.byteLength(body.id) > 1023 || /[/\\?#]/.test(body.id)) {
    return failed(400, "BadRequest", "The document's id is too long or contains illegal characters.");
  }
  if (Buffer.byteLength(JSON.stringify(body)) > MAX_BYTES) {
    return failed(413, "RequestEntityTooLarge", "Request size is too large.");
  }
  return null;
}

/** One operation on one document. Gives {status, body, substatus}. */
function operate(collection, { type, id, body, partition, ifMatch, ifNoneMatch }) {
  const { documents } = collection;
  const writes = type === "create" || type === "upsert" || type === "replace";
  if (writes) {
    const problem = refused(body);
    if (problem) return problem;
    if (documents._getPartition(body) !== partition) return mismatch();
  }
  const stored = documents._item("/id", writes && type !== "replace" ? body.id : id, partition).read();
  if (type === "create" && stored) {
    return failed(409, "Conflict", "Entity with the specified id already exists in the system.");
  }
  if (!stored && type !== "create" && type !== "upsert") return missing();
  if (ifMatch && ifMatch !== "*" && (!stored || stored._etag !== ifMatch)) return outdated();
  if (ifNoneMatch && stored && (ifNoneMatch === "*" || ifNoneMatch === stored._etag)) {
    return type === "read" ? { status: 304, etag: stored._etag } : outdated();
  }
  try {
    switch (type) {
      case "create":
        return { status: 201, body: documents.create(body) };
      case "upsert":
        return { status: stored ? 200 : 201, body: documents.upsert(body) };
      case "replace":
        if (body.id !== id) return failed(400, "BadRequest", "The id of a document cannot be changed.");
        return { status: 200, body: documents.replace(body, stored) };
      case "delete":
        documents.delete(id, partition);
        return { status: 204 };
      case "patch":
        return patch(collection, id, partition, body);
      default:
        return { status: 200, body: stored };
    }
  } catch (error) {
    if (error.conflict) return failed(409, "Conflict", error.message);
    if (error.badRequest) return failed(400, "BadRequest", error.message);
    throw error;
  }
}

function patch(collection, id, partition, body) {
  const operations = Array.isArray(body) ? body : body.operations;
  const { condition } = body;
  if (!Array.isArray(operations) || operations.length > 10) {
    return failed(400, "BadRequest", "A patch has at most 10 operations.");
  }
  const done = patchOperation(collection, { id, partitionKey: JSON.stringify(partition), operations, condition });
  return { status: done.statusCode, body: done.body };
}

/** All of it or nothing. Gives the status of the whole and of each operation: 424 for those that failed with another. */
function batch(collection, operations, partition) {
  if (!Array.isArray(operations) || !operations.length) {
    return failed(400, "BadRequest", "A batch is a list of operations.");
  }
  if (operations.length > MAX_BATCH) {
    return failed(400, "BadRequest", `Batch request has more operations than what is supported: ${MAX_BATCH}.`);
  }
  if (Buffer.byteLength(JSON.stringify(operations)) > MAX_BYTES) {
    return failed(413, "RequestEntityTooLarge", "Request size is too large.");
  }
  const { documents } = collection;
  const before = { data: new Map(documents._data), index: new Map(documents._index) };
  const results = [];
  for (let i = 0; i < operations.length; i += 1) {
    const { operationType, resourceBody, ...rest } = operations[i];
    const result = operate(collection, {
      ...rest,
      type: String(operationType).toLowerCase(),
      body: resourceBody,
      partition
    });
    if (result.status >= 300) {
      documents._data = before.data;
      documents._index = before.index;
      return {
        status: 207,
        body: operations.map((_, at) => ({
          statusCode: at === i ? result.status : 424,
          subStatusCode: at === i ? result.substatus || 0 : 0,
          requestCharge: 0
        }))
      };
    }
    results.push({
      statusCode: result.status,
      requestCharge: 1,
      ...(result.body ? { eTag: result.body._etag, resourceBody: result.body } : {})
    });
  }
  return { status: 200, body: results };
}

/** One page of what a query finds, in one partition (a text) or in all (undefined). */
function query(collection, body, { partition, size, continuation }) {
  const { documents } = collection;
  const data = [...documents._data.values()]
    .map(item => item.read())
    .filter(item => partition === undefined || documents._getPartition(item) === partition)
    .sort((a, b) => (a._rid < b._rid ? -1 : 1)); // as the library's continuation tokens take it to be
  const policy = collection.read().indexingPolicy || {};
  let page;
  try {
    page = documents._getQuery(body.query).exec(data, {
      parameters: body.parameters,
      maxItemCount: size > 0 ? size : PAGE,
      continuation: continuation ? JSON.parse(continuation) : undefined,
      compositeIndexes: policy.compositeIndexes || []
    });
  } catch (error) {
    return failed(400, "BadRequest", error.message);
  }
  const { _rid } = collection.read();
  return {
    status: 200,
    body: { _rid, Documents: page.result, _count: page.result.length },
    continuation: page.continuation ? JSON.stringify(page.continuation) : undefined
  };
}

module.exports = { batch, clock, missing, operate, query, sweep };
