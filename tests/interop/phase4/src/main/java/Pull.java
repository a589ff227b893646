import com.helger.phase4.incoming.AS4IncomingProfileSelectorConstant;
import com.helger.phase4.attachment.WSS4JAttachment;
import com.helger.phase4.client.AS4ClientReceiptMessage;
import com.helger.phase4.client.AS4ClientSentMessage;
import com.helger.phase4.crypto.ECryptoAlgorithmC14N;
import com.helger.phase4.crypto.ECryptoAlgorithmSign;
import com.helger.phase4.crypto.ECryptoAlgorithmSignDigest;
import com.helger.phase4.crypto.ECryptoKeyIdentifierType;
import com.helger.phase4.crypto.AS4SigningParams;
import com.helger.phase4.crypto.IAS4CryptoFactory;
import com.helger.phase4.ebms3header.Ebms3UserMessage;
import com.helger.phase4.messaging.http.HttpRetrySettings;
import com.helger.phase4.mgr.MetaAS4Manager;
import com.helger.phase4.model.mpc.MPC;
import com.helger.phase4.sender.AS4Sender;
import com.helger.phase4.util.AS4ResourceHelper;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import org.w3c.dom.Document;

/** Asks for one message, writes its parts into `folder`, and sends the receipt for it unless `receipt` is no. */
final class Pull {
  private Ebms3UserMessage message;
  private Document envelope;

  private Pull() {}

  static void collect(Map<String, String> request, Map<String, String> answer) throws Exception {
    IAS4CryptoFactory signing = Keys.signing(request);
    if (!MetaAS4Manager.getMPCMgr().containsWithID(request.get("mpc"))) {
      MetaAS4Manager.getMPCMgr().createMPC(new MPC(request.get("mpc"))); // else what was pulled is refused
    }
    Pull pulled = new Pull();
    AS4Sender.builderPullRequest()
        .httpRetrySettings(new HttpRetrySettings().setMaxRetries(0))
        .pmode(Agreement.pmode(request))
        .as4ProfileID("none")
        .incomingProfileSelector(new AS4IncomingProfileSelectorConstant(null, false))
        .pmodeResolver((id, service, action, initiator, responder, agreement, address) -> Agreement.pmode(request))
        .endpointURL(request.get("url"))
        .mpc(request.get("mpc"))
        .cryptoFactorySign(signing)
        .cryptoFactoryCrypt(Keys.decryption(request))
        .withSigningParams(parameters -> forms(parameters, request))
        .signalMsgConsumer(
            (signal, metadata, state) -> answer.put(
                "errors",
                signal.getError().stream().map(each -> each.getErrorCode()).collect(Collectors.joining(" "))))
        .userMsgConsumer(
            (message, metadata, state) -> {
              pulled.message = message;
              pulled.envelope = state.getEffectiveDecryptedSoapDocument();
              answer.put("signature_checked", String.valueOf(state.isSoapSignatureChecked()));
              answer.put("decrypted", String.valueOf(state.isSoapDecrypted()));
              answer.put("message_id", message.getMessageInfo().getMessageId());
              int number = 0;
              for (WSS4JAttachment each : state.getDecryptedAttachments()) {
                Path file = Path.of(request.get("folder"), "part" + ++number);
                try (InputStream octets = each.getInputStreamProvider().getInputStream()) {
                  Files.copy(octets, file);
                } catch (java.io.IOException fault) {
                  throw new java.io.UncheckedIOException(fault);
                }
                answer.put("part" + number, file.toString());
              }
            })
        .sendMessage();
    if (pulled.message != null && !"no".equals(request.get("receipt"))) {
      pulled.acknowledge(signing, request, answer);
    }
  }

  /** The library sends no receipt for what it pulled; this is how its own example does it. */
  private void acknowledge(IAS4CryptoFactory signing, Map<String, String> request, Map<String, String> answer)
      throws Exception {
    try (AS4ResourceHelper resources = new AS4ResourceHelper()) {
      AS4ClientReceiptMessage receipt = new AS4ClientReceiptMessage(resources);
      receipt.setSoapDocument(envelope);
      receipt.setEbms3UserMessage(message);
      receipt.setRefToMessageID(message.getMessageInfo().getMessageId());
      receipt.setNonRepudiation(true);
      receipt.setReceiptShouldBeSigned(true);
      receipt.setCryptoFactory(signing);
      forms(receipt.signingParams(), request);
      AS4ClientSentMessage<byte[]> sent =
          receipt.sendMessageWithRetries(
              request.get("url"),
              response -> {
                answer.put("receipt_status", String.valueOf(response.getCode()));
                return new byte[0];
              },
              null,
              null,
              null);
      answer.put("receipt_id", sent.getMessageID());
    }
  }

  private static void forms(AS4SigningParams parameters, Map<String, String> request) {
    parameters
        .setKeyIdentifierType(ECryptoKeyIdentifierType.valueOf(request.get("key_reference")))
        .setAlgorithmSign(ECryptoAlgorithmSign.RSA_SHA_256)
        .setAlgorithmSignDigest(ECryptoAlgorithmSignDigest.DIGEST_SHA_256)
        .setAlgorithmC14N(ECryptoAlgorithmC14N.C14N_EXCL_OMIT_COMMENTS);
  }
}
