"""The other side of two APIs, written by hand with paho: a ThingsBoard, or a Shelly device.

Arguments: port, "thingsboard" or "shelly". Prints "ready" once it has subscribed. Ends when its input ends.
"""
import json
import sys

import paho.mqtt.client as mqtt

port, role = int(sys.argv[1]), sys.argv[2]
# The ids of the peer's own calls: it hears them too, because it has subscribed to their topic.
OWN_CALL = "777"


def thingsboard(client, topic, body):
    levels = topic.split("/")
    if topic.startswith("v1/devices/me/attributes/request/"):
        client.publish(f"v1/devices/me/attributes/response/{levels[-1]}", json.dumps({"shared": {"interval": 30}}))
    elif topic.startswith("v1/devices/me/rpc/request/") and levels[-1] != OWN_CALL:
        client.publish(f"v1/devices/me/rpc/response/{levels[-1]}", json.dumps({"called": json.loads(body)["method"]}))
    elif topic == f"v1/devices/me/rpc/response/{OWN_CALL}":
        client.publish("v1/devices/me/attributes", json.dumps({"told": json.loads(body)}))
    elif topic == "v1/devices/me/telemetry":
        client.publish(f"v1/devices/me/rpc/request/{OWN_CALL}", json.dumps({"method": "reboot", "params": {"in": 5}}))
    elif topic.startswith("v2/fw/request/"):
        number, chunk = levels[3], int(levels[5])
        if chunk > 2:
            client.publish("v2/fw/error", "no such chunk")
        else:
            client.publish(f"v2/fw/response/{number}/chunk/{chunk}", bytes([chunk, 0, 255]))
    elif topic == "v1/gateway/attributes/request":
        request = json.loads(body)
        answer = {"id": request["id"], "device": request["device"], "value": request["key"].upper()}
        client.publish("v1/gateway/attributes/response", json.dumps(answer))
    elif topic == "/provision/request":
        known = json.loads(body)["provisionDeviceKey"] == "k1"
        yes = {"status": "SUCCESS", "credentialsType": "ACCESS_TOKEN", "credentialsValue": "A1"}
        no = {"status": "NOT_FOUND", "errorMsg": "unknown key"}
        client.publish("/provision/response", json.dumps(yes if known else no))


def shelly(client, topic, body):
    request = json.loads(body)
    method, params = request["method"], request.get("params") or {}
    if "id" not in request:
        # A notification: no response, but the state changes.
        client.publish("dev/events/rpc", json.dumps({"src": "dev", "method": "NotifyStatus", "params": {"did": method}}))
        return
    frame = {"id": request["id"], "src": "dev", "dst": request["src"]}
    if method == "Switch.Set" and params["id"] > 0:
        frame["error"] = {"code": -105, "message": "no such component"}
    elif method == "Switch.Set":
        frame["result"] = {"was_on": not params["on"]}
    elif method == "Shelly.Reboot":
        frame["result"] = None
    else:
        frame["result"] = {"method": method}
    client.publish(f"{request['src']}/rpc", json.dumps(frame))


FILTERS = {
    "thingsboard": ["v1/devices/me/+/request/+", "v1/devices/me/rpc/response/+", "v1/devices/me/telemetry", "v1/gateway/+/request", "v2/fw/request/#", "/provision/request"],
    "shelly": ["dev/rpc"],
}
ROLES = {"thingsboard": thingsboard, "shelly": shelly}


def on_connect(client, userdata, flags, code, *rest):
    client.subscribe([(topic_filter, 1) for topic_filter in FILTERS[role]])


def on_subscribe(client, userdata, mid, *rest):
    if role == "shelly":
        client.publish("dev/online", "true", qos=1, retain=True)
    print("ready", flush=True)


# paho 2 asks for the version of its callbacks.
versions = getattr(mqtt, "CallbackAPIVersion", None)
client = mqtt.Client(versions.VERSION2) if versions else mqtt.Client()
client.on_connect = on_connect
client.on_subscribe = on_subscribe
client.on_message = lambda client, userdata, message: ROLES[role](client, message.topic, message.payload)
client.connect("127.0.0.1", port)
client.loop_start()
sys.stdin.read()
