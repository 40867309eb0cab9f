"""A device that speaks to a Kaa platform with paho, as Kaa's Python client does: it never subscribes, and sends no client id.

Arguments: port, application version, endpoint token. Prints each received message as a line of JSON. Ends when its input ends.
"""
import json
import sys

import paho.mqtt.client as mqtt

port, app, token = int(sys.argv[1]), sys.argv[2], sys.argv[3]
start = f"kp1/{app}/"


def topic(extension, path):
    return f"{start}{extension}/{token}/{path}"


def on_connect(client, userdata, flags, code, *rest):
    client.publish(topic("bcx", "token"))
    client.publish(topic("dcx", "json/42"), json.dumps({"temperature": 21}))
    client.publish(topic("dcx", "plain/altitude"), "20m")
    client.publish(topic("epmx", "update/keys/17"), json.dumps({"model": "BFG 9000"}))
    client.publish(topic("epmx", "get/0"), "{}")


def on_message(client, userdata, message):
    path = message.topic[len(start):]
    body = json.loads(message.payload) if message.payload else None
    print(json.dumps([path, body]), flush=True)
    extension, _, *rest = path.split("/")
    if extension == "cex" and rest[0] == "command" and rest[-1] == "status":
        results = [{"id": each["id"], "statusCode": 200, "payload": each.get("payload")} for each in body]
        client.publish(topic("cex", f"result/{rest[1]}"), json.dumps(results))
    if extension == "cmx" and path.endswith("config/json/status"):
        client.publish(topic("cmx", "applied/json"), json.dumps({"configId": body["configId"], "reasonPhrase": None}))


# paho 2 asks for the version of its callbacks.
versions = getattr(mqtt, "CallbackAPIVersion", None)
client = mqtt.Client(versions.VERSION2) if versions else mqtt.Client()
client.on_connect = on_connect
client.on_message = on_message
client.connect("127.0.0.1", port)
client.loop_start()
sys.stdin.read()
client.loop_stop()
client.disconnect()
