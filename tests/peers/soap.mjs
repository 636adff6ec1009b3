// What the npm package soap makes of the service: node soap.mjs ADDRESS prints, for both versions of SOAP and both
// kinds of password, the record of patient 12345, and what a patient that is not there is answered with.
import soap from "soap";

const [address] = process.argv.slice(2);
const results = [];

for (const forceSoap12Headers of [false, true]) {
  for (const passwordType of ["PasswordText", "PasswordDigest"]) {
    const client = await soap.createClientAsync(`${address}?wsdl`, { forceSoap12Headers });
    client.setSecurity(new soap.WSSecurity("hospital_system", "secure_password", { passwordType, hasNonce: true }));
    const port = client.PatientService[forceSoap12Headers ? "PatientPort12" : "PatientPort"];
    const call = (operation, args) =>
      new Promise((done) => port[operation](args, (error, result) => done({ error, result })));

    const { error, result } = await call("GetPatientRecord", { PatientID: 12345, IncludeMedications: true });
    if (error) throw error;
    const added = await call("AddAllergy", { PatientID: 12345, Substance: "Dust", Severity: "mild" });
    const missing = await call("GetPatientRecord", { PatientID: 10000 });
    const { Fault } = missing.error.root.Envelope.Body;
    results.push({
      record: result.PatientRecord,
      allergies: added.result.NumberOfAllergies,
      fault: Fault.faultstring ?? Fault.Reason.Text,
      detail: (Fault.detail ?? Fault.Detail).PatientNotFound.PatientID,
    });
  }
}
console.log(JSON.stringify(results));
