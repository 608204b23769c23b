// Make pictures with nothing but fetch, in a browser or in Node 20 and newer: node client.mjs "a red mug"
const env = globalThis.process?.env ?? {};
const API = env.STUDIO_API ?? "http://127.0.0.1:8000/api/v1";
const TOKEN = env.STUDIO_TOKEN;
const FINAL = ["succeeded", "failed", "cancelled"];

// The answer. What gets lost is sent again (the key makes that harmless), what is too early is when it is time.
async function call(method, address, { token, body, headers } = {}) {
  const sent = { Authorization: `Bearer ${token}`, ...(body && { "Content-Type": "application/json" }), ...headers };
  for (let triesLeft = 3; ; triesLeft -= 1) {
    let pause = 1;
    try {
      const answer = await fetch(address, { method, headers: sent, body: body && JSON.stringify(body) });
      if (answer.ok) return answer;
      pause = Number(answer.headers.get("Retry-After"));
      if (!triesLeft || !pause) throw new Refused(await answer.json());
    } catch (error) {
      if (!triesLeft || error instanceof Refused) throw error;
    }
    await new Promise((soon) => setTimeout(soon, pause * 1000));
  }
}

export class Refused extends Error { // The studio said no: `code` for the program, sentences for the person.
  constructor({ code, detail, errors = [] }) {
    super([`${code}: ${detail}`, ...errors.map((each) => `${each.field}: ${each.message}`)].join("\n"));
    this.code = code;
  }
}

// The generation at its end. Its live events are followed; where none can be had, it is asked each second.
async function finished(generation, token, told) {
  while (!FINAL.includes(generation.status)) {
    try {
      const { body } = await call("GET", generation.urls.events, { token });
      const reader = body.pipeThrough(new TextDecoderStream()).getReader();
      for (let rest = "", part; !(part = await reader.read()).done; ) {
        const lines = (rest + part.value).split("\n");
        rest = lines.pop();
        lines.filter((line) => line.startsWith("event: ")).forEach((line) => told(line.slice(7)));
      }
    } catch {
      await new Promise((soon) => setTimeout(soon, 1000));
    }
    generation = await (await call("GET", generation.urls.self, { token })).json();
  }
  return generation;
}

// The pictures of one wish, each with its `blob`; `told` hears of each event.
export async function make(wish, { api = API, token = TOKEN, told = () => {} } = {}) {
  const headers = { "Idempotency-Key": crypto.randomUUID(), Prefer: "wait=2" };
  const answer = await call("POST", `${api}/generations`, { token, body: wish, headers });
  const { images, error } = await finished(await answer.json(), token, told);
  if (error) throw new Refused(error);
  const file = async (image) => (await call("GET", image.url, { token })).blob();
  return Promise.all(images.map(async (image) => ({ ...image, blob: await file(image) })));
}

if (globalThis.process?.argv[1]?.endsWith("client.mjs")) {
  const { writeFile } = await import("node:fs/promises");
  const prompt = process.argv.slice(2).join(" ") || "a red mug on a yellow background";
  const images = await make({ prompt }, { told: console.error }).catch((error) => {
    process.exitCode = 1;
    return console.error(error.message) ?? [];
  });
  for (const { id, format, blob } of images) {
    await writeFile(`${id}.${format}`, blob.stream());
    console.log(`${id}.${format}`);
  }
}
