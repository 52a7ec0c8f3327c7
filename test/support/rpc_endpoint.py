"""A DCE/RPC endpoint by impacket that answers a bind and nothing else. Usage: rpc_endpoint.py accept|other|nak

Prints its port, then one line for each PDU that arrives. It serves no operation, so nothing can be activated by it.
"""

import sys

from impacket.dcerpc.v5.rpcrt import (
    CtxItemResult,
    DCERPCServer,
    MSRPC_BIND,
    MSRPC_BINDACK,
    MSRPC_BINDNAK,
    MSRPCBindAck,
    MSRPCBindNak,
    MSRPCHeader,
)

KMS = ("51c82175-844e-4750-b0d8-ec255555bc06", "1.0")


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


class Other(Endpoint):
    """Acknowledges the bind and rejects its context: the abstract syntax is not supported here."""

    def bind(self, packet, bind):
        result = CtxItemResult()
        result["Result"] = 2
        result["Reason"] = 1
        result["TransferSyntax"] = bytes(20)
        answer = MSRPCBindAck()
        answer["type"] = MSRPC_BINDACK
        answer["flags"] = packet["flags"]
        answer["call_id"] = packet["call_id"]
        answer["max_tfrag"] = bind["max_tfrag"]
        answer["max_rfrag"] = bind["max_rfrag"]
        answer["assoc_group"] = 1
        answer["auth_len"] = 0
        answer["auth_data"] = b""
        answer["SecondaryAddrLen"] = 5
        answer["SecondaryAddr"] = "1688"
        answer["Pad"] = "A" * ((4 - ((5 + MSRPCBindAck._SIZE) % 4)) % 4)
        answer["ctx_num"] = 1
        answer["ctx_items"] = result.getData()
        answer["frag_len"] = len(answer.getData())
        self._clientSock.send(answer.getData())


server = {"accept": Endpoint, "other": Other, "nak": Refusing}[sys.argv[1]]()
server.addCallbacks(KMS, "1688", {})
print(server.getListenPort(), flush=True)
server.run()
