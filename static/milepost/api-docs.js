// Shows the API's description. All of it comes from our own host; no address is sent to a validator elsewhere.
(function () {
  "use strict";

  var place = document.getElementById("swagger-ui");
  if (place && window.SwaggerUIBundle) {
    window.SwaggerUIBundle({
      url: place.dataset.description,
      domNode: place,
      presets: [window.SwaggerUIBundle.presets.apis],
      layout: "BaseLayout",
      deepLinking: true,
      defaultModelsExpandDepth: 0,
      docExpansion: "list",
      persistAuthorization: false,
      validatorUrl: null
    });
  }
})();
