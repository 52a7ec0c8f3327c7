"""A DCE/RPC endpoint by impacket that answers a bind and nothing else. Usage: rpc_endpoint.py accept|other|nak

Prints its port, then one line for each PDU that arrives. It serves no operation, so nothing can be activated by it.
"""

import sys

from impacket.dcerpc.v5.rpcrt import (
    DCERPCServer,
    MSRPC_BIND,
    MSRPC_BINDNAK,
    MSRPCBindNak,
    MSRPCHeader,
)

KMS = ("51c82175-844e-4750-b0d8-ec255555bc06", "1.0")
OTHER = ("12345678-1234-abcd-ef00-0123456789ab", "1.0")


class Endpoint(DCERPCServer):
    def processRequest(self, data):
        header = MSRPCHeader(data)
        print("bind" if header["type"] == MSRPC_BIND else "type %d" % header["type"], flush=True)
        return DCERPCServer.processRequest(self, data)


class Refusing(Endpoint):
    def bind(self, packet, bind):
        nak = MSRPCBindNak()
        nak["RejectedReason"] = 4
        nak["SupportedVersions"] = b""
        answer = MSRPCHeader()
        answer["type"] = MSRPC_BINDNAK
        answer["call_id"] = packet["call_id"]
        answer["flags"] = packet["flags"]
        answer["pduData"] = nak.getData()
        self._clientSock.send(answer.get_packet())


server = Refusing() if sys.argv[1] == "nak" else Endpoint()
server.addCallbacks(OTHER if sys.argv[1] == "other" else KMS, "1688", {})
print(server.getListenPort(), flush=True)
server.run()
