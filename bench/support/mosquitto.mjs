import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const binary = ["/usr/sbin/mosquitto", "/usr/bin/mosquitto", "/opt/homebrew/sbin/mosquitto"].find((path) =>
  existsSync(path),
);

/** Starts mosquitto on a free port of the loopback, with its default settings and these further lines. */
export async function startMosquitto(lines = []) {
  if (!binary) throw new Error("mosquitto is not installed; try `apt-get install mosquitto`");
  const folder = mkdtempSync(join(tmpdir(), "topicsmith-bench-"));
  const port = await freePort();
  const config = join(folder, "mosquitto.conf");
  writeFileSync(config, [`listener ${port} 127.0.0.1`, "allow_anonymous true", ...lines].join("\n"));
  const child = spawn(binary, ["-c", config], { stdio: "ignore" });
  await listening(port);
  return {
    port,
    async stop() {
      const exit = once(child, "exit");
      child.kill();
      await exit;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function freePort() {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

async function listening(port) {
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    const there = await Promise.race([
      once(socket, "connect").then(() => true),
      once(socket, "error").then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (there) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
