const wsse = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
const hospital = "http://hospital.example/patient-service";

const envelopeFor = (number) => `
  <soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">
    <soap:Header>
      <Security xmlns="${wsse}">
        <UsernameToken>
          <Username>${username}</Username>
          <Password>${password}</Password>
        </UsernameToken>
      </Security>
    </soap:Header>
    <soap:Body>
      <GetPatientRecord xmlns="${hospital}">
        <PatientID>${number}</PatientID>
      </GetPatientRecord>
    </soap:Body>
  </soap:Envelope>`;

const headers = { "Content-Type": "text/xml; charset=utf-8", SOAPAction: '"GetPatientRecord"' };

for (const number of [12345, 99999]) {
  const sent = { method: "POST", headers, body: envelopeFor(number) };
  const response = await fetch(`${base}/patient-service`, sent);
  const answer = new DOMParser().parseFromString(await response.text(), "text/xml");
  const texts = (name) =>
    [...answer.getElementsByTagNameNS("*", name)].map((element) => element.textContent).join(", ");

  if (response.ok) console.log(texts("Given"), texts("Family"), "is allergic to", texts("Substance"));
  else if (texts("PatientNotFound")) console.log("There is no patient", texts("PatientNotFound"));
  else console.log(texts("faultcode"), texts("faultstring"));
}
