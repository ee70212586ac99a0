/** Leads as a form would send them: more fields than any one scorer reads. */
export const hotLead = {
  name: "Ada Lovelace",
  email: "ada@analytical-engines.com",
  company: "Analytical Engines",
  title: "Chief Technology Officer",
  role: "CTO",
  company_size: 800,
  employees: 800,
  budget: 90_000,
  source: "demo request",
  industry: "software",
  country: "GB",
  message: "We want to buy this quarter and need a demo and pricing for 800 seats, urgently.",
};

export const coldLead = {
  name: "Sam Student",
  email: "sam@gmail.com",
  company: "",
  title: "Student",
  role: "student",
  company_size: 1,
  employees: 1,
  budget: 0,
  source: "newsletter",
  industry: "education",
  country: "GB",
  message: "Just looking around for my homework.",
};
