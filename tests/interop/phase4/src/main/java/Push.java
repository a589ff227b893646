import com.helger.mime.parse.MimeTypeParser;
import com.helger.phase4.incoming.AS4IncomingProfileSelectorConstant;
import com.helger.phase4.attachment.AS4OutgoingAttachment;
import com.helger.phase4.crypto.ECryptoKeyEncryptionAlgorithm;
import com.helger.phase4.crypto.ECryptoKeyIdentifierType;
import com.helger.phase4.messaging.http.HttpRetrySettings;
import com.helger.phase4.model.MessageProperty;
import com.helger.phase4.sender.AS4Sender;
import com.helger.phase4.sender.EAS4UserMessageSendResult;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Sends one user message and looks for its receipt. Nothing of an earlier attempt is kept, as after a crash: a request
 * with the `message_id` and `timestamp` of another is that message, signed and encrypted anew.
 */
final class Push {
  private Push() {}

  static void send(Map<String, String> request, Map<String, String> answer) throws Exception {
    AS4Sender.BuilderUserMessage message = AS4Sender.builderUserMessage()
        .httpRetrySettings(new HttpRetrySettings().setMaxRetries(0))
        .pmode(Agreement.pmode(request))
        .as4ProfileID("none")
        .incomingProfileSelector(new AS4IncomingProfileSelectorConstant(null, false))
        .pmodeResolver((id, service, action, initiator, responder, agreement, address) -> Agreement.pmode(request))
        .endpointURL(request.get("url"))
        .cryptoFactorySign(Keys.signing(request))
        .cryptoFactoryCrypt(Keys.decryption(request))
        .receiverCertificate(Keys.certificate(request.get("hub_encryption")))
        .messageID(request.get("message_id"))
        .sendingDateTime(OffsetDateTime.parse(request.get("timestamp")))
        .conversationID(request.get("conversation_id"))
        .fromPartyIDType(request.get("from_type"))
        .fromPartyID(request.get("from"))
        .fromRole(request.get("from_role"))
        .toPartyIDType(request.get("to_type"))
        .toPartyID(request.get("to"))
        .toRole(request.get("to_role"))
        .service(request.get("service"))
        .action(request.get("action"))
        .withSigningParams(each -> each.setKeyIdentifierType(ECryptoKeyIdentifierType.valueOf(request.get("key_reference"))))
        .withCryptParams(each -> each.setKeyEncAlgorithm(ECryptoKeyEncryptionAlgorithm.RSA_OAEP_XENC11))
        .rawResponseConsumer(
            response -> answer.put("status", String.valueOf(response.getResponseStatusLine().getStatusCode())))
        .signalMsgConsumer(
            (signal, metadata, state) -> {
              answer.put("refers_to", signal.getMessageInfo().getRefToMessageId());
              answer.put("signature_checked", String.valueOf(state.isSoapSignatureChecked()));
              answer.put(
                  "errors",
                  signal.getError().stream().map(each -> each.getErrorCode()).collect(Collectors.joining(" ")));
            });
    for (Map.Entry<String, String> each : request.entrySet()) {
      if (each.getKey().startsWith("property.")) {
        String name = each.getKey().substring("property.".length());
        message.addMessageProperty(MessageProperty.builder().name(name).value(each.getValue()));
      }
    }
    for (int number = 1; request.containsKey("part" + number); number++) {
      AS4OutgoingAttachment.Builder part = AS4OutgoingAttachment.builder()
          .data(new File(request.get("part" + number)))
          .mimeType(MimeTypeParser.parseMimeType(request.get("media_type" + number)))
          .charset(StandardCharsets.UTF_8)
          .compressionGZIP();
      if (number == 1) {
        message.payload(part);
      } else {
        message.addAttachment(part);
      }
    }
    EAS4UserMessageSendResult result = message.sendMessageAndCheckForReceipt(fault -> answer.put("cause", fault.toString()));
    answer.put("result", result.name());
  }
}
